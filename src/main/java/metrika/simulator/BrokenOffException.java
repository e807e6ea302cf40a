package metrika.simulator;

/** The call has ended without an answer; there is nobody to tell. */
final class BrokenOffException extends Exception {
    BrokenOffException() {
        super("Broken off", null, false, false);
    }
}
