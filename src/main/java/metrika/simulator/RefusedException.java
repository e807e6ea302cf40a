package metrika.simulator;

/** The call is refused with an error of Metrika's. */
final class RefusedException extends Exception {
    private final transient MetrikaError error;

    RefusedException(MetrikaError error) {
        super(error.errorType() + ": " + error.message(), null, false, false);
        this.error = error;
    }

    MetrikaError error() {
        return error;
    }
}
