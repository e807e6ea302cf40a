package metrika.conversions.database;

import java.time.Duration;

/** The product's tables, made in a test's database as a start makes them. */
public final class Schema {

    private Schema() {}

    /** Makes the tables, or brings them up to date. */
    public static void migrate(String url) {
        new Migrations(DatabaseAddress.of(url, null, null), Duration.ZERO).run();
    }
}
