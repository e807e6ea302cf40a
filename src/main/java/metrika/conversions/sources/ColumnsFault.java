package metrika.conversions.sources;

/** Whether the variable {@code columns} can be read, for those who ask before a file comes. */
public final class ColumnsFault {

    private ColumnsFault() {}

    /** What is wrong with it; {@code null} when nothing is. */
    public static String of(String columns) {
        try {
            new Columns(columns);
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }
}
