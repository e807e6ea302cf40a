package metrika.conversions.guarantees;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;
import metrika.simulator.Point;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Starting, stopping, being killed, and what is left afterwards. */
@Execution(ExecutionMode.CONCURRENT) // each has what it starts to itself
@Order(1) // it takes long
class StartAndStopIT {

    private static final String TOKEN = "an-admin-token-of-length";
    private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    /** What is checked, and what each message says, is tested at the checks themselves. */
    @Test
    void aSettingThatIsMissingOrWrongStopsTheStart() {
        assertThat(new Product.Builder().with("camel.main.profile", "prod").refused())
                .contains("DATABASE_URL", "ADMIN_TOKEN");
    }

    @Test
    void theCommandLineSaysWhatItTakes(@TempDir Path empty) {
        assertThat(new Product.Builder().in(empty).argument("--help").end(0))
                .contains("check", "re-encrypt", "simulator", "--version");
        assertThat(new Product.Builder().in(empty).argument("start").end(2))
                .startsWith("There is no command 'start'. ")
                .contains("check", "re-encrypt", "simulator")
                .hasLineCount(1);
    }

    @Test
    void aFolderWithoutRoutesStopsTheStart(@TempDir Path folder) throws IOException {
        Product.copyProject(folder);
        Files.move(folder.resolve("routes"), folder.resolve("elsewhere"));
        Files.createDirectory(folder.resolve("routes"));
        Files.move(folder.resolve("elsewhere/sql"), folder.resolve("routes/sql"));
        assertThat(Product.on(TestDatabase.create(), Shared.METRIKA.url())
                        .in(folder)
                        .refused())
                .contains("There is no route in");
    }

    @Test
    void aPortThatIsTakenStopsTheStart() throws IOException {
        try (var taken = new ServerSocket(0)) {
            assertThat(Product.on(TestDatabase.create(), Shared.METRIKA.url())
                            .with("http.host", "0.0.0.0")
                            .with("http.port", taken.getLocalPort())
                            .refused())
                    .contains("http.port", String.valueOf(taken.getLocalPort()));
            assertThat(new Product.Builder()
                            .argument("simulator")
                            .with("simulator.host", "0.0.0.0")
                            .with("simulator.port", taken.getLocalPort())
                            .refused())
                    .contains("simulator.port", String.valueOf(taken.getLocalPort()), "=0");
        }
    }

    @Test
    void aPortOfTheDashboardThatIsTakenStopsNobody() throws IOException {
        try (var taken = new ServerSocket(0);
                var product = Product.on(TestDatabase.create(), Shared.METRIKA.url())
                        .with("dashboard.host", "0.0.0.0")
                        .with("dashboard.port", taken.getLocalPort())
                        .start()) {
            assertThat(product.webhook(1).id()).isNotEmpty();
            assertThat(product.log()).contains("There is no dashboard: Cannot listen on", "dashboard.port");
        }
    }

    @Test
    void beforeTheStopItIsNotReadyAndStillTakesRequests() throws Exception {
        try (var product = Product.on(TestDatabase.create(), Shared.METRIKA.url())
                .with("shutdown.delay", "PT5S")
                .start()) {
            var webhook = product.webhook(1);
            assertThat(product.observe("health/ready")).contains("UP");
            product.process().destroy();
            await().pollInterval(Duration.ofMillis(50))
                    .untilAsserted(
                            () -> assertThat(product.observe("health/ready")).contains("DOWN"));
            assertThat(product.observe("health/live")).contains("UP");
            assertThat(product.send(webhook.request("")).status()).isEqualTo(200);
            assertThat(product.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(product.log()).contains("Not ready any more; stopping in 5 s (shutdown.delay)", "Stopped");
        }
    }

    @Test
    void prodLetsInWhoHasTheAdminTokenOnly() {
        var database = TestDatabase.empty();
        var product = Product.on(database, Shared.METRIKA.url())
                .with("camel.main.profile", "prod")
                .with("database.url", database.url() + "&password=canary")
                .with("http.host", "127.0.0.1")
                .with("admin.token", TOKEN)
                .with("encryption.key", KEY)
                .start();
        try (product) {
            var body = "{\"name\": \"t\", \"counter_id\": 1, \"token\": \"t\"}";
            for (var wrong : new String[] {null, "Bearer", "Bearer wrong", "Basic " + TOKEN, TOKEN}) {
                var request = product.request(TestWebhook.PATH);
                if (wrong != null) {
                    request.header("Authorization", wrong);
                }
                var answer = product.send(request);
                assertThat(answer.status()).isEqualTo(401);
                assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
                assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
            }
            assertThat(product.post(TestWebhook.PATH, body).status()).isEqualTo(401);
            assertThat(product.send(product.request(TestWebhook.PATH).header("Authorization", "Bearer " + TOKEN))
                            .status())
                    .isEqualTo(200);
            assertThat(product.log()).doesNotContain(TOKEN, KEY, "canary");
            assertThat(product.log())
                    .as("what it runs on")
                    .containsPattern(
                            "metrika-conversions .+, database PostgreSQL [0-9.]+ .*at localhost:[0-9]+/test_[0-9]+,"
                                    + " Metrika "
                                    + Shared.METRIKA.url());
            assertThat(product.log()).doesNotContain("Stopp");
        }
        assertThat(product.log()).containsSubsequence("Stopping: ", "Stopped");
    }

    @Test
    void devKeepsItsDataAcrossARestartAndAKill(@TempDir Path directory) throws IOException {
        Files.createSymbolicLink(directory.resolve("programs"), TestDatabase.PROGRAMS);
        var builder = new Product.Builder()
                .with("data.directory", directory)
                .with("simulator.directory", directory.resolve("sim"))
                .with("upload.schedule", Product.NEVER);
        TestWebhook webhook;
        String batch;
        try (var product = builder.start()) {
            webhook = product.webhook(1);
            batch = webhook.batch(conversion());
            assertThat(product.get("/").body()).contains("/simulator/");
            assertThat(product.log()).contains("NOTHING REACHES METRIKA", "CAMEL_MAIN_PROFILE=prod");
        }
        var second = builder.start();
        assertThat(webhook.at(second).status(batch).get("status").textValue()).isEqualTo("accepted");
        var another = webhook.at(second).batch(conversion());
        second.kill();
        try (var third = builder.with("upload.schedule", "* * * * * ?")
                .with("poll.schedule", "* * * * * ?")
                .start()) {
            webhook.at(third).awaitStatus(batch, "completed");
            webhook.at(third).awaitStatus(another, "completed");
            var inUse = new Product.Builder().with("data.directory", directory).launch();
            await().atMost(Duration.ofSeconds(30)).until(() -> !inUse.process().isAlive());
            assertThat(inUse.log()).contains("in use by another process", "database.url");
        }
        assertThat(Files.exists(directory.resolve("postgresql/postmaster.pid")))
                .as("PostgreSQL is stopped")
                .isFalse();
    }

    @Test
    void sigtermFinishesWhatIsUnderWayAndLeavesNothingClaimed() throws Exception {
        var database = TestDatabase.create();
        try (var metrika = Shared.metrika("sigterm")) {
            var product = Product.on(database, metrika.url()).start();
            var webhook = product.webhook(1);
            metrika.fault(Fault.stall(Point.BEFORE_ANSWER).on(Operation.UPLOAD).times(1));
            webhook.batch(conversion());
            await().until(() -> metrika.held() == 1);
            var stopped = CompletableFuture.runAsync(product::close);
            stopped.get(15, TimeUnit.SECONDS);
            assertThat(database.<Long>value("select count(*) from upload where lease_expires_at is not null"))
                    .isZero();
            try (var again = Product.on(database, metrika.url()).start()) {
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> database.<String>value("select state from upload")
                                .equals("completed"));
                assertThat(metrika.uploads()).hasSize(1);
            }
        }
    }

    @Test
    void twoHundredThousandConversionsGoOutOfASmallProcess() {
        var database = TestDatabase.create();
        try (var metrika = Shared.metrika("small");
                var product =
                        Product.on(database, metrika.url()).java("-Xmx128m").start()) {
            database.update("""
                with stored as (
                  insert into batch (id, webhook_id, total, oldest_event_at, ready_at)
                  select uuidv7(), ?::uuid, 1000, clock() - interval '1 hour', clock() from generate_series(1, 200)
                  returning id
                )
                insert into conversion (batch_id, position, client_id, purchase_id, target, date_time)
                select id, n, '1234567890123456789', id || '-' || n, 'purchase',
                       extract(epoch from clock() - interval '1 hour')::bigint
                  from stored cross join generate_series(0, 999) as n\
                """, product.webhook(1).id());
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> database.<Long>value("select count(*) from upload where state = 'completed'") == 2);
            assertThat(product.log()).doesNotContain("OutOfMemory");
            var account = metrika.account();
            assertThat(account).hasSize(1);
            assertThat(account.get(0).rows()).isEqualTo(200_000);
            assertThat(account.get(0).distinct()).isEqualTo(200_000);
        }
    }

    @Test
    void anEditedRouteTakesEffectAndABrokenEditDoesNot(@TempDir Path directory) throws IOException {
        Product.copyProject(directory);
        var route = directory.resolve("routes/api/api-show-openapi.camel.yaml");
        var before = Files.readString(route);
        try (var product = Product.on(TestDatabase.create(), Shared.METRIKA.url())
                .in(directory)
                .with("routes.reload", true)
                .start()) {
            Files.writeString(route, before.replace("application/yaml", "text/yaml"));
            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            product.get("/openapi.yaml").header("Content-Type").equals("text/yaml"));
            var webhook = product.webhook(1);
            webhook.awaitStatus(webhook.batch(conversion()), "completed");
            Files.writeString(route, before.replace("setHeader", "setHaeder"));
            await().atMost(Duration.ofSeconds(30)).until(() -> product.log().contains("setHaeder"));
            assertThat(product.log()).contains("api-show-openapi.camel.yaml, line ");
            assertThat(product.get("/openapi.yaml").header("Content-Type")).isEqualTo("text/yaml");
        }
    }
}
