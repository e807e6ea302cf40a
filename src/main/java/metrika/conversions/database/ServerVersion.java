package metrika.conversions.database;

/**
 * Version of a PostgreSQL server.
 *
 * @param number as the setting {@code server_version_num} has it: 180001 is 18.1
 */
record ServerVersion(int number) {

    /** The oldest major version that the statements are made for. */
    static final int OLDEST = 15;

    /** The first of the major version 18 that keeps all updates. */
    static final ServerVersion UPDATES_SAFELY = new ServerVersion(180_002);

    int major() {
        return number / 10_000;
    }

    boolean isTooOld() {
        return major() < OLDEST;
    }

    /**
     * Whether a row that an {@code update … from (a subquery)} has to wait for can stay as it was, in silence: so in
     * 18.0 and 18.1, which forget the subquery's row when they look at the changed one again. Seen with two rows,
     * twelve thousand updates and six connections: a third of the second row's were gone.
     */
    boolean losesUpdates() {
        return major() == UPDATES_SAFELY.major() && number < UPDATES_SAFELY.number;
    }

    @Override
    public String toString() {
        return major() + "." + number % 10_000;
    }
}
