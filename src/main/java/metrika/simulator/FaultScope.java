package metrika.simulator;

/**
 * Which calls a fault strikes.
 *
 * @param on the operation
 * @param counter the counter, null for every one
 * @param token the token, null for every one; a secret, never shown
 * @param times how many calls, 0 for all until the fault is taken away
 * @param skip how many matching calls pass before the first that is struck
 */
public record FaultScope(Operation on, Long counter, String token, int times, int skip) {

    public FaultScope {
        Fault.require(times >= 0 && skip >= 0, "times and skip are not negative");
    }

    boolean covers(Operation operation, long callCounter, String callToken) {
        return on.covers(operation)
                && (counter == null || counter == callCounter)
                && (token == null || token.equals(callToken));
    }

    @Override
    public String toString() {
        return "FaultScope[" + on + "]";
    }
}
