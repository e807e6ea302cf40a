package metrika.conversions.intake;

/**
 * A value that cannot be what it is given for, that could mean two things, or is given twice: its row is refused.
 *
 * @param text the value as it was written
 * @param code a stable name of what is wrong, for programs
 * @param message what is wrong with it and how it is written, for people
 */
public record InvalidValue(String text, String code, String message) {

    @Override
    public String toString() {
        return text;
    }
}
