package metrika.conversions.intake;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;

import metrika.conversions.auth.Webhook;
import metrika.conversions.database.SqlFile;

/**
 * The goals of counters, in memory: what a target is compared with costs no question to the database, and when that is
 * away, or Metrika is, targets are compared with what was known last, until it is too old to be relied on.
 */
public final class KnownGoals {

    private static final String LIST = SqlFile.text("intake/list-counter-goals");
    /** Before any time at which goals were read. */
    private static final OffsetDateTime NEVER = OffsetDateTime.of(1970, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    private final DataSource database;
    private final Duration maxAge;
    private final Clock clock;
    private volatile Map<Long, Entry> entries = Map.of();
    /** What was read up to here need not be read again. */
    private OffsetDateTime asOf = NEVER;

    private record Entry(OffsetDateTime readAt, CounterGoals goals) {}

    /** @param maxAge how old goals may be */
    public KnownGoals(DataSource database, Duration maxAge, Clock clock) {
        this.database = database;
        this.maxAge = maxAge;
        this.clock = clock;
    }

    /** The goals of a webhook's counter; {@link CounterGoals#UNKNOWN} when they were not read, or too long ago. */
    CounterGoals of(Webhook webhook) {
        var entry = entries.get(webhook.counterId());
        return entry == null
                        || entry.readAt().toInstant().isBefore(clock.instant().minus(maxAge))
                ? CounterGoals.UNKNOWN
                : entry.goals();
    }

    /** Reads what is new. What is not read whole here comes with the next run. */
    public synchronized void refresh() throws SQLException {
        var before = entries;
        var now = new HashMap<Long, Entry>();
        var latest = asOf;
        var isWhole = true;
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(LIST)) {
            statement.setObject(1, asOf);
            try (var row = statement.executeQuery()) {
                while (row.next()) {
                    var counter = row.getLong("counter_id");
                    var readAt = row.getObject("goals_read_at", OffsetDateTime.class);
                    var goals = row.getString("goals");
                    var known = before.get(counter);
                    if (goals != null) {
                        now.put(counter, new Entry(readAt, CounterGoals.of(goals)));
                        latest = readAt.isAfter(latest) ? readAt : latest;
                    } else if (known != null && known.readAt().isEqual(readAt)) {
                        now.put(counter, known);
                    } else {
                        isWhole = false; // it was committed after one that was read later
                    }
                }
            }
        }
        entries = Map.copyOf(now);
        asOf = isWhole ? latest : NEVER;
    }
}
