package metrika.conversions.intake;

/**
 * A value that cannot be what it is given for, that could mean two things, or is given twice: its row is refused.
 *
 * @param text the value as it was written
 * @param code a stable name of what is wrong, for programs
 * @param message what is wrong with it and how it is written, for people
 * @param place the column of the source that it is about; {@code null} where it is the field that it is given for
 */
public record InvalidValue(String text, String code, String message, String place) {

    public InvalidValue(String text, String code, String message) {
        this(text, code, message, null);
    }

    @Override
    public String toString() {
        return text;
    }
}
