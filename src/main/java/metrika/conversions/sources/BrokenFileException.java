package metrika.conversions.sources;

/** A file that cannot be read as rows. Nothing of it is stored. The message is for the one who laid it down. */
final class BrokenFileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long line;

    /** @param line where, from 1 */
    BrokenFileException(long line, String message) {
        super(message, null, false, false);
        this.line = line;
    }

    long line() {
        return line;
    }
}
