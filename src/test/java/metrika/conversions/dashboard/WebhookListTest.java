package metrika.conversions.dashboard;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.Statements;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** A page of webhooks has the figures of each from its tallies, and reads the hours of a week once. */
class WebhookListTest {

    private static final int WEBHOOKS = 60;
    private static final int PAGE = 50;
    private static final int HOURS = 7 * 24;

    /** Rows that a step of the plan read and threw away, each time that it ran. */
    private static final Pattern READ_IN_VAIN =
            Pattern.compile("loops=(\\d+)\\)(?:(?!loops=)[\\s\\S])*?Rows Removed by (?:Join )?Filter: (\\d+)");

    private final TestDatabase database = TestDatabase.create();

    /** Each webhook gets 2 conversions an hour, and repeats of 1; half of what is sent is linked. */
    @BeforeEach
    void fill() {
        database.update("""
                insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash)
                select gen_random_uuid(), 'Shop ' || to_char(n, '00'), n, '', 'login', 'UTC', 60, ''
                  from generate_series(1, ?) as n\
                """, WEBHOOKS);
        database.update("""
                insert into tally (webhook_id, hour, source, outcome, code, quantity)
                select id, this_hour() - make_interval(hours => ago), '', outcome, '', quantity
                  from webhook
                 cross join generate_series(0, ? - 1) as ago
                 cross join (values ('accepted', 2), ('duplicate', 1), ('linked', 1), ('unlinked', 1)) as o (outcome, quantity)\
                """, HOURS);
        database.update("analyze webhook, tally");
    }

    private String page() {
        return Statements.of("dashboard/list-webhooks", Map.of());
    }

    @Test
    void eachHasItsFigures() throws Exception {
        var page = new ObjectMapper().readTree(database.<String>value(page()));
        assertThat(page.path("matching").asInt()).isEqualTo(WEBHOOKS);
        assertThat(page.path("webhooks")).hasSize(PAGE).allSatisfy(webhook -> {
            assertThat(webhook.path("by_hour"))
                    .hasSize(24)
                    .allSatisfy(hour -> assertThat(hour.asInt()).isEqualTo(3));
            assertThat(webhook.path("received_day").asInt()).isEqualTo(72);
            assertThat(webhook.path("linked").asInt())
                    .isEqualTo(webhook.path("unlinked").asInt())
                    .isBetween(HOURS - 1, HOURS);
        });
    }

    @Test
    void hoursWithoutConversionsAreNone() throws Exception {
        database.update("delete from tally where hour >= this_hour() - interval '12 hours'");
        var page = new ObjectMapper().readTree(database.<String>value(page()));
        assertThat(page.path("webhooks").path(0).path("received_day").asInt()).isEqualTo(33);
        assertThat(page.path("webhooks").path(0).path("by_hour").path(23).asInt(-1))
                .isZero();
    }

    @Test
    void theHoursOfAWeekAreReadOnce() {
        List<Map<String, Object>> plan = database.query("explain (analyze, costs off, timing off) " + page());
        var lines = String.join(
                "\n",
                plan.stream()
                        .map(line -> String.valueOf(line.get("QUERY PLAN")))
                        .toList());
        var inVain = READ_IN_VAIN
                .matcher(lines)
                .results()
                .mapToLong(step -> Long.parseLong(step.group(1)) * Long.parseLong(step.group(2)))
                .sum();
        assertThat(inVain).as(lines).isLessThan(4L * PAGE * HOURS * 4);
    }
}
