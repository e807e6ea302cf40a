package metrika.simulator;

/** The call ends here with the answer that a fault gives. */
final class StruckException extends Exception {
    private final transient Fault fault;

    StruckException(Fault fault) {
        super("Struck by a fault", null, false, false);
        this.fault = fault;
    }

    Fault fault() {
        return fault;
    }
}
