package metrika.conversions.database;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** Conversions are found by an identifier wherever they are, and it is said how far was looked. */
class SearchTest {

    private static final LocalDate TODAY = LocalDate.now(ZoneOffset.UTC);

    private final TestDatabase database = TestDatabase.create();

    @BeforeEach
    void prepare() {
        database.query("select * from create_partitions(1)");
        for (int ago = 1; ago <= 3; ago++) {
            var day = TODAY.minusDays(ago);
            database.update(
                    "create table %s partition of conversion for values from (min_batch_id('%s')) to (min_batch_id('%s'))"
                            .formatted(table(day), day, day.plusDays(1)));
        }
    }

    private static String table(LocalDate day) {
        return "conversion_" + day.format(DateTimeFormatter.BASIC_ISO_DATE);
    }

    /** Stores a conversion whose identifier is the name of the field, at an hour of a day. */
    private String conversion(LocalDate day, int hour, String field) {
        return database.value("""
                insert into conversion (batch_id, position, %s, target, date_time)
                select (left(first_batch_id((?::date + make_interval(hours => ?)) at time zone 'UTC')::text, 13)
                        || right(gen_random_uuid()::text, 23))::uuid, 0, ?, 'order', 0
                returning batch_id::text\
                """.formatted(field), day.toString(), hour, field);
    }

    private List<String> found(String sought, LocalDate since, int most) {
        return database
                .query(
                        "select unnest(batch_ids)::text as id from find_conversions(?, ?::date, ?, '1 min')",
                        sought,
                        since.toString(),
                        most)
                .stream()
                .map(row -> (String) row.get("id"))
                .toList();
    }

    private String lookedSince(LocalDate since, String patience) {
        return database.value("""
                select to_char(looked_since at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
                  from find_conversions('nobody', ?::date, 100, ?::interval)\
                """, since.toString(), patience);
    }

    private String indexed() {
        return database.value("select index_ended_day()");
    }

    @Test
    void conversionsAreFoundByEachIdentifierInDaysWithIndexesAndWithout() {
        var stored = List.of(
                conversion(TODAY, 0, "client_id"),
                conversion(TODAY.minusDays(1), 23, "client_id"),
                conversion(TODAY.minusDays(2), 0, "client_id"),
                conversion(TODAY.minusDays(4), 12, "client_id")); // no partition: in the default one
        var user = conversion(TODAY.minusDays(2), 5, "user_id");
        var click = conversion(TODAY.minusDays(2), 5, "yclid");
        var order = conversion(TODAY.minusDays(2), 5, "purchase_id");
        for (boolean isIndexed : new boolean[] {false, true}) {
            if (isIndexed) {
                assertThat(List.of(indexed(), indexed(), indexed()))
                        .containsExactly(
                                table(TODAY.minusDays(1)), table(TODAY.minusDays(2)), table(TODAY.minusDays(3)));
                assertThat(indexed()).as("today is not over").isNull();
            }
            assertThat(found("client_id", TODAY.minusDays(4), 100)).containsExactlyInAnyOrderElementsOf(stored);
            assertThat(found("client_id", TODAY.minusDays(1), 100))
                    .containsExactlyInAnyOrderElementsOf(stored.subList(0, 2));
            assertThat(found("client_id", TODAY.minusDays(2), 2))
                    .as("the newest")
                    .containsExactlyElementsOf(stored.subList(0, 2));
            assertThat(found("user_id", TODAY.minusDays(3), 100)).containsExactly(user);
            assertThat(found("yclid", TODAY.minusDays(3), 100)).containsExactly(click);
            assertThat(found("purchase_id", TODAY.minusDays(3), 100)).containsExactly(order);
            assertThat(found("user", TODAY.minusDays(3), 100)).isEmpty();
        }
        var late = conversion(TODAY.minusDays(2), 6, "purchase_id");
        assertThat(found("purchase_id", TODAY.minusDays(3), 100))
                .as("stored after the indexes were made")
                .containsExactlyInAnyOrder(order, late);
    }

    private long pagesRead(String sought, LocalDate since) {
        var plan = database.query(
                        "explain (analyze, buffers, timing off) select * from find_conversions(?, ?::date, 100, '1 min')",
                        sought,
                        since.toString())
                .toString();
        var total =
                Pattern.compile("Buffers: shared hit=(\\d+)(?: read=(\\d+))?").matcher(plan);
        assertThat(total.find()).as(plan).isTrue();
        return Long.parseLong(total.group(1)) + (total.group(2) == null ? 0 : Long.parseLong(total.group(2)));
    }

    @Test
    void anIndexedDayIsNotReadAsAWhole() {
        var day = TODAY.minusDays(1);
        database.update("""
                insert into conversion (batch_id, position, purchase_id, target, date_time)
                select min_batch_id(?::date), n, 'order' || n, 'order', 0 from generate_series(1, 200000) as n\
                """, day.toString());
        database.update("vacuum analyze " + table(day));
        assertThat(found("order77777", day, 100)).hasSize(1);
        var whole = pagesRead("order77777", day);
        indexed();
        assertThat(found("order77777", day, 100)).hasSize(1);
        assertThat(pagesRead("order77777", day))
                .as("pages, where it was %s without the indexes", whole)
                .isLessThan(whole / 5);
    }

    @Test
    void itIsSaidHowFarWasLooked() {
        var since = TODAY.minusDays(2);
        assertThat(lookedSince(since, "1 min")).isEqualTo(since + " 00:00");
        assertThat(lookedSince(since, "0"))
                .as("the hour that is not over is always looked at")
                .isEqualTo(database.value("select to_char(now() at time zone 'UTC', 'YYYY-MM-DD HH24:00')"));
    }
}
