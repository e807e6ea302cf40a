package metrika.conversions.text;

/** How many there are of something, in the words of a message: {@code 1 row}, {@code 2 rows}. */
public final class Counted {

    private Counted() {}

    /** @param one what it is, such as {@code row}; of several it gets an s */
    public static String of(long count, String one) {
        return "%d %s%s".formatted(count, one, count == 1 ? "" : "s");
    }

    /** The same with the verb: {@code 1 row is}, {@code 2 rows are}. */
    public static String are(long count, String one) {
        return of(count, one) + (count == 1 ? " is" : " are");
    }
}
