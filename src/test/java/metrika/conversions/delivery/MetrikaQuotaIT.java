package metrika.conversions.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.CallLog;
import metrika.conversions.support.Product;
import metrika.conversions.support.SteppedClock;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Call;
import metrika.simulator.Operation;
import metrika.simulator.Simulator;
import metrika.simulator.SimulatorSettings;

import static metrika.conversions.support.Samples.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A day of two replicas with more to send than Metrika's quotas let through: the calls stay inside every quota, they
 * are spent on everyone, and in the end all has arrived, once.
 *
 * <p>The clock of the database and of the simulator is a {@link SteppedClock}; Java's, and so the time that a call
 * takes, is the real one. So the two schedules (Quartz knows no fractions of a second) and the redeliveries on the spot
 * are shortened in the copy of the routes that the product is started in; that is all that differs from the real one.
 * {@code upload.lease} is in the database a span of the stepped clock and in Java one of the real clock: an hour
 * outlasts in both what an upload takes. The simulator checks the quotas itself: the calls at once as they really are,
 * those of a day on the stepped clock. A second's calls are there all that are made before the next step;
 * {@link #noSecondHoldsMoreCallsThanAnAddressHas} looks at them on the real clock.
 */
@Order(1) // it takes long
class MetrikaQuotaIT {

    private static final Duration DAY = Duration.ofDays(1);
    private static final int GROUPS = 10;

    @TempDir
    private Path folder;

    /** A fiftieth of everything. */
    @Test
    void aDayOfThreeLogins() throws IOException {
        day(Duration.ofMinutes(40), Duration.ofMinutes(60), 100, 5, 1, 1);
    }

    @Test
    @Tag("crash")
    void aFullDayOfThreeLogins() throws IOException {
        day(Duration.ofMinutes(1), Duration.ofMinutes(10), 5000, 150, 40, 10);
    }

    @Test
    @Tag("crash")
    void aFullDayOfOneLogin() throws IOException {
        day(Duration.ofMinutes(1), Duration.ofMinutes(10), 5000, 200);
    }

    /**
     * @param step of the clock
     * @param every between two batches of a webhook
     * @param perDay calls that Metrika takes in a day
     * @param counters how many each login has
     */
    private void day(Duration step, Duration every, int perDay, int... counters) throws IOException {
        var database = TestDatabase.create();
        var settings = SimulatorSettings.defaults()
                .withQuota(true)
                .withDirectory(Path.of("target", "simulators", "quota-day-" + System.nanoTime()))
                .withStep(Duration.ofMinutes(20))
                .withListDelay(Duration.ofMinutes(2));
        shortenedRoutes();
        try (var metrika = new Simulator(settings).start();
                var one = product(database, metrika, perDay).start();
                var two = product(database, metrika, perDay).start();
                var log = CallLog.of(metrika)) {
            var webhooks = webhooks(one, counters);
            var clock = new SteppedClock(database, metrika, one, two);
            var noon = clock.midnight().plus(DAY.dividedBy(2));
            var end = clock.midnight().plus(DAY);
            send(webhooks, one, "morning-");
            var group = 0;
            for (var at = clock.midnight(); at.isBefore(end); at = at.plus(every.dividedBy(GROUPS))) {
                if (at.equals(noon)) {
                    send(webhooks, two, "noon-");
                }
                arrive(database, at, group++ % GROUPS);
                while (!clock.now().isAfter(at)) {
                    clock.step(step);
                }
            }
            print("At the end of the day", database.query(BY_LOGIN));
            var late = database.query(LATE, Timestamp.from(clock.midnight().plus(DAY.dividedBy(3))));
            print("Of the first third, not completed at the end of the day", late);
            // The clock goes on, and nothing new comes.
            while (database.<Long>value(OPEN) > 0 && clock.now().isBefore(end.plus(DAY))) {
                clock.step(step);
            }
            print("When all was done, at " + clock.now(), database.query(BY_LOGIN));
            print(log, counters.length);

            assertThat(one.log() + two.log()).doesNotContain(" ERROR ", " is tried again: ");
            checkQuotas(log, perDay);
            checkArrived(database, metrika);
            assertThat(late)
                    .as("batches of the first third of the day that were not completed by its end")
                    .isEmpty();
        }
    }

    private static final String OPEN = """
        select count(*) from batch left join upload on upload.id = batch.upload_id
         where upload.state is distinct from 'completed'\
        """;

    private static final String BY_LOGIN = """
        select substr(w.login, 1, 6) as login, count(distinct w.id) as webhooks, count(*) as batches,
               count(*) filter (where u.sent_at is not null) as sent,
               count(*) filter (where u.state = 'completed') as completed,
               count(distinct u.id) filter (where u.sent_at is not null) as files,
               percentile_disc(0.5) within group (order by coalesce(u.sent_at, clock()) - b.created_at) as median_wait,
               max(coalesce(u.sent_at, clock()) - b.created_at) as longest_wait
          from batch b
          join webhook w on w.id = b.webhook_id
          left join upload u on u.id = b.upload_id
         group by w.login
         order by 2 desc\
        """;

    private static final String LATE = """
        select substr(w.login, 1, 6) as login, w.counter_id, coalesce(u.state, 'waiting') as state, u.sent_at,
               u.next_attempt_at, count(*)
          from batch b
          join webhook w on w.id = b.webhook_id
          left join upload u on u.id = b.upload_id
         where b.created_at < ? and u.state is distinct from 'completed'
         group by 1, 2, 3, 4, 5\
        """;

    private void shortenedRoutes() throws IOException {
        Product.copyProject(folder);
        edit("delivery/plan-uploads", "quartz:plan-uploads", "timer:plan-uploads");
        edit("delivery/plan-uploads", "cron: \"{{upload.schedule}}\"", "period: \"40\"");
        edit("delivery/poll-uploads", "quartz:poll-uploads", "timer:poll-uploads");
        edit("delivery/poll-uploads", "cron: \"{{poll.schedule}}\"", "period: \"40\"");
        edit("errors/on-error-metrika", "redeliveryDelay: \"1000\"", "redeliveryDelay: \"50\"");
    }

    private void edit(String route, String from, String to) throws IOException {
        var file = folder.resolve("routes").resolve(route + ".camel.yaml");
        var text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to));
    }

    private Product.Builder product(TestDatabase database, Simulator metrika, int perDay) {
        return Product.on(database, metrika.url())
                .in(folder)
                .with("metrika.calls-per-day", perDay)
                .with("upload.lease", Duration.ofHours(1))
                .with("upload.settle", Duration.ofMinutes(1));
    }

    private static List<TestWebhook> webhooks(Product product, int... counters) {
        var webhooks = new ArrayList<TestWebhook>();
        for (int login = 0; login < counters.length; login++) {
            for (int i = 0; i < counters[login]; i++) {
                webhooks.add(product.webhook("{\"name\": \"%d of %d\", \"counter_id\": %d, \"token\": \"%s\"}"
                        .formatted(i, login, 1000 * (login + 1) + i, token(login))));
            }
        }
        return webhooks;
    }

    private static String token(int login) {
        return "token-of-login-" + login;
    }

    /** A request of the API to each webhook. */
    private static void send(List<TestWebhook> webhooks, Product product, String prefix) {
        for (var webhook : webhooks) {
            var answer = webhook.at(product).send(request(2, prefix + webhook.id() + "-"));
            assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        }
    }

    /** A batch for each webhook of a group. */
    private static void arrive(TestDatabase database, Instant at, int group) {
        database.update("""
            with batches as (
              insert into batch (id, webhook_id, total, oldest_event_at, ready_at, created_at)
              select uuidv7(), id, 1, moment - interval '10 minutes', moment, moment
                from webhook, (values (timestamptz '%s')) as arrival (moment)
               where counter_id %% %d = %d
              returning id, oldest_event_at
            )
            insert into conversion (batch_id, position, client_id, purchase_id, target, date_time)
            select id, 0, '1', id, 'purchase', floor(extract(epoch from oldest_event_at)) from batches\
            """.formatted(at, GROUPS, group));
    }

    private static void checkQuotas(CallLog log, int perDay) {
        assertThat(log.all())
                .extracting(Call::status)
                .as("what Metrika answered: it refuses what is over a quota")
                .containsOnly(200);
        assertThat(log.perDay(Call::token).values())
                .as("calls of a login on a day")
                .allSatisfy(logins -> assertThat(logins.values()).allMatch(calls -> calls <= perDay));
        assertThat(log.perDay(MetrikaQuotaIT::counter).values())
                .as("calls of a counter on a day")
                .allSatisfy(owners -> assertThat(owners.values()).allMatch(calls -> calls <= perDay));
    }

    private static void checkArrived(TestDatabase database, Simulator metrika) {
        var accepted = database.query("select purchase_id from conversion").stream()
                .map(row -> (String) row.get("purchase_id"))
                .toList();
        var arrived =
                metrika.conversions().stream().map(row -> row.get("PurchaseId")).toList();
        assertThat(arrived).as("at Metrika, once each").doesNotHaveDuplicates().hasSameSizeAs(accepted);
        assertThat(Set.copyOf(arrived)).isEqualTo(Set.copyOf(accepted));
        assertThat(database.query("select * from ledger where received <> accepted or accepted <> completed"))
                .isEmpty();
    }

    private static String counter(Call call) {
        return call.path().split("/")[4];
    }

    private static void print(CallLog log, int logins) {
        var names = IntStream.range(0, logins)
                .boxed()
                .collect(Collectors.toMap(i -> Simulator.fingerprint(token(i)), i -> i));
        var table = log.all().stream()
                .collect(Collectors.groupingBy(
                        call -> call.at().toString().substring(0, 10) + " login " + names.get(call.token()),
                        TreeMap::new,
                        Collectors.groupingBy(Call::operation, TreeMap::new, Collectors.counting())));
        table.forEach((owner, kinds) -> System.out.printf(
                "%s: upload %d, list %d, by-id %d, in all %d%n",
                owner,
                kinds.getOrDefault(Operation.UPLOAD, 0L),
                kinds.getOrDefault(Operation.LIST, 0L),
                kinds.getOrDefault(Operation.BY_ID, 0L),
                kinds.values().stream().mapToLong(Long::longValue).sum()));
        log.perDay(MetrikaQuotaIT::counter)
                .forEach((day, counters) -> System.out.printf(
                        "%s: most calls of one counter %d, least %d%n",
                        day,
                        counters.values().stream()
                                .mapToLong(Long::longValue)
                                .max()
                                .orElse(0),
                        counters.values().stream()
                                .mapToLong(Long::longValue)
                                .min()
                                .orElse(0)));
        System.out.println("answers: " + answers(log));
    }

    private static void print(String title, List<Map<String, Object>> rows) {
        System.out.println("--- " + title);
        rows.forEach(System.out::println);
    }

    /**
     * A backlog of many logins, on the real clock. The simulator counts as Metrika may, in any second and not only in
     * those of the clock, but sees calls when they arrive: a machine that is busy bunches them. So what is checked is
     * when the product let them go.
     */
    @Test
    @Tag("crash")
    void noSecondHoldsMoreCallsThanAnAddressHas() {
        var database = TestDatabase.create();
        var settings = SimulatorSettings.defaults()
                .withQuota(true)
                .withStep(Duration.ZERO)
                .withDirectory(Path.of("target", "simulators", "quota-second-" + System.nanoTime()));
        try (var metrika = new Simulator(settings).start();
                var one = Product.on(database, metrika.url()).start();
                var two = Product.on(database, metrika.url()).start();
                var log = CallLog.of(metrika)) {
            database.update("create table let_go (at timestamptz)");
            database.update("create function note_call() returns trigger language plpgsql as "
                    + "'begin insert into let_go values (now()); return null; end'");
            database.update("create trigger note_call after insert on in_flight_call for each row execute function"
                    + " note_call()");
            var counters = new int[20];
            Arrays.fill(counters, 3);
            var webhooks = webhooks(one, counters);
            send(webhooks, two, "backlog-");
            await().atMost(Duration.ofMinutes(2)).until(() -> database.<Long>value(OPEN) == 0);

            print("Calls in a second, at most, let go", database.query(MAX_PER_SECOND));
            System.out.println("answers: " + answers(log));
            assertThat(database.<Long>value(MAX_PER_SECOND)).isLessThanOrEqualTo(30);
            checkArrived(database, metrika);
        }
    }

    private static final String MAX_PER_SECOND = """
        select max(calls)
          from (select count(*) over (order by at range between current row and interval '1 second' following) as calls
                  from let_go) as windows\
        """;

    private static Map<Integer, Long> answers(CallLog log) {
        return log.all().stream().collect(Collectors.groupingBy(Call::status, TreeMap::new, Collectors.counting()));
    }
}
