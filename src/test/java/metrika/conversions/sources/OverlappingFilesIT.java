package metrika.conversions.sources;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import metrika.conversions.support.Drops;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Exports that overlap, put into a folder whose rows are stored each by itself; and what is told of refused rows. */
class OverlappingFilesIT {

    private static final Instant NOW =
            Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(1, ChronoUnit.HOURS);
    private static final String HEAD = "client_id,purchase_id,target,date_time,price\n";

    @TempDir
    private static Path folder;

    private static TestWebhook webhook;
    private static Product product;

    private static Product.Builder product(Path folder) {
        return Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .with("inbound.folder-drop.enabled", true)
                .with("inbound.folder-drop.webhook", webhook.id())
                .with("inbound.folder-drop.directory", folder)
                .with("inbound.folder-drop.each-order", true)
                .with("inbound.folder-drop.delay", "100")
                .with("inbound.folder-drop.min-age", "0");
    }

    @BeforeAll
    static void start() {
        webhook = Shared.PRODUCT.webhook(503);
        product = product(folder).start();
    }

    @AfterAll
    static void stop() {
        product.close();
    }

    private static String drop(String name, String content) throws IOException {
        Drops.put(folder, name, content.getBytes(StandardCharsets.UTF_8));
        return Drops.awaitMoved(product, folder, name);
    }

    private static String row(String prefix, int number, String price) {
        return "%s.%d,%s-%d,buy,%s,%s\n".formatted(number, 1764057600, prefix, number, NOW, price);
    }

    private static String rows(String prefix, int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(i -> row(prefix, i, "9.90"))
                .collect(Collectors.joining());
    }

    private static long stored(String prefix) {
        return Shared.DATABASE.value("""
            select count(*) from conversion join batch on batch.id = batch_id
             where webhook_id = ?::uuid and purchase_id like ?\
            """, webhook.id(), prefix + "-%");
    }

    @Test
    void rowsOfYesterdayAreKnownAgainInTheFileOfToday() throws IOException {
        assertThat(drop("monday.csv", HEAD + rows("day", 1, 1500))).isEqualTo(".done");
        assertThat(stored("day")).isEqualTo(1500);
        // In another order of columns and rows, one of them with another price, one twice
        var tuesday = HEAD.replace("client_id,purchase_id", "purchase_id,client_id")
                + (row("day", 1502, "1")
                                + rows("day", 501, 1501)
                                + row("day", 1502, "1")
                                + row("day", 1502, "2")
                                + row("day", 500, "8"))
                        .replaceAll("(?m)^([^,]*),([^,]*)", "$2,$1");
        assertThat(drop("tuesday.csv", tuesday)).isEqualTo(".done");
        assertThat(stored("day")).isEqualTo(1502);
        assertThat(product.log()).contains(".done: 2 conversions stored, 1001 known already, 2 rows refused");
        assertThat(Drops.errors(folder, "tuesday.csv"))
                .hasSize(2)
                .satisfies(lines -> assertThat(lines.get(0))
                        .startsWith("1005,,\"it came before with another")
                        .endsWith(",2"))
                .satisfies(lines -> assertThat(lines.get(1)).startsWith("1006,").endsWith(",8"));
        assertThat(Shared.DATABASE.<String>value("""
                        select price::text from conversion join batch on batch.id = batch_id
                         where webhook_id = ?::uuid and purchase_id = 'day-1502'\
                        """, webhook.id())).isEqualTo("1");
        var refused = refused("tuesday.csv");
        assertThat(refused).hasSize(2);
        assertThat(refused).anySatisfy(row -> {
            assertThat(row.path("source").asText()).isEqualTo("folder-drop");
            assertThat(row.path("reason").asText()).contains("came before");
            assertThat(row.at("/row/purchase_id").asText()).isEqualTo("day-500");
            assertThat(row.path("line").asInt()).isEqualTo(1006);
        });
        assertThat(Shared.DATABASE.<Long>value(
                        "select sum(repeated) from batch where webhook_id = ?::uuid", webhook.id()))
                .as("of those that came again, once each")
                .isGreaterThanOrEqualTo(1000);

        assertThat(drop("again.csv", tuesday)).isEqualTo(".done");
        assertThat(product.log()).contains(".done: 0 conversions stored, 1003 known already, 2 rows refused");
        assertThat(stored("day")).isEqualTo(1502);
    }

    private static java.util.List<com.fasterxml.jackson.databind.JsonNode> refused(String file) {
        var rows = new java.util.ArrayList<com.fasterxml.jackson.databind.JsonNode>();
        product.send(webhook.at(product).request("/refused?limit=1000"))
                .json()
                .path("refused")
                .forEach(rows::add);
        rows.removeIf(row -> !row.path("file").asText().equals(file));
        return rows;
    }

    @Test
    void refusedRowsAreListedAndCounted() throws IOException {
        var rows = new StringBuilder(HEAD).append(row("bad", 1, "1"));
        for (int i = 2; i <= 1203; i++) {
            rows.append(row("bad", i, "x" + i));
        }
        rows.append(row("bad", 2000, "1").replaceFirst("[^,]*", ""));
        assertThat(drop("bad.csv", rows.toString())).isEqualTo(".done");
        assertThat(Drops.errors(folder, "bad.csv")).hasSize(1203);
        assertThat(product.log()).contains(".done: 1 conversion stored, 1203 rows refused (1 without identifier)");
        assertThat(Shared.DATABASE.<Long>value("""
                        select count(*) from refused_row where webhook_id = ?::uuid and file = 'bad.csv'\
                        """, webhook.id())).isEqualTo(1000);
        assertThat(product.observe("metrics"))
                .containsPattern("conversions_left_out_total\\{.*reason=\"invalid\".*source=\"folder-drop\".* 12\\d\\d")
                .containsPattern("conversions_left_out_total\\{.*reason=\"no_identifier\".*source=\"folder-drop\"");
        assertThat(drop("nobody.csv", HEAD + row("bad", 2001, "1").replaceFirst("[^,]*", "")))
                .as("only rows without an identifier")
                .isEqualTo(".failed");
        assertThat(drop("open.csv", HEAD + "\"1,")).isEqualTo(".failed");
        assertThat(refused("open.csv")).hasSize(1);
        assertThat(refused("open.csv").get(0).path("reason").asText()).contains("quote is not closed");
    }

    @Test
    void aFileOfRefusedRowsIsMendedAndPutBackAsItIs() throws IOException {
        assertThat(drop("mend.csv", HEAD + row("mend", 1, "1") + row("mend", 2, "x")))
                .isEqualTo(".done");
        var errors = folder.resolve(".done/mend.csv.errors.csv");
        assertThat(drop(
                        "mend.csv.errors.csv",
                        Files.readString(errors).replace(",x\n", ",2\n").replace(",x\r\n", ",2\n")))
                .isEqualTo(".done");
        assertThat(stored("mend")).isEqualTo(2);
        assertThat(product.log()).doesNotContain("stand for no field of a conversion: [line");

        var json = "[{\"client_id\": \"1.1\", \"purchase_id\": \"mend-3\", \"target\": \"buy\", \"date_time\": \"" + NOW
                + "\", \"price\": \"x\"}]";
        assertThat(drop("mend.json", json)).isEqualTo(".failed");
        errors = folder.resolve(".failed/mend.json.errors.csv");
        assertThat(drop("mended.csv", Files.readString(errors).replace("\"\"x\"\"", "\"\"3\"\"")))
                .isEqualTo(".done");
        assertThat(stored("mend")).isEqualTo(3);
        assertThat(drop("broken.csv", Files.readString(errors).replace("{", "")))
                .isEqualTo(".failed");
        assertThat(Drops.errors(folder, "broken.csv").get(0)).startsWith("2,,a conversion has to be a JSON object,");
    }

    @Test
    void aFileThatWaitsForItsWebhookIsToldOfInOneLine() throws IOException {
        var closed = Shared.PRODUCT.webhook(504);
        Shared.PRODUCT.patch(TestWebhook.PATH + "/" + closed.id(), "{\"is_active\": false}");
        var directory = Files.createDirectory(folder.resolve("closed"));
        try (var other = product(directory)
                .with("inbound.folder-drop.webhook", closed.id())
                .start()) {
            Drops.put(directory, "wait.csv", (HEAD + row("wait", 1, "1")).getBytes(StandardCharsets.UTF_8));
            await().until(() -> other.log().contains("is tried again: wait.csv"));
            Shared.PRODUCT.patch(TestWebhook.PATH + "/" + closed.id(), "{\"is_active\": true}");
            Drops.awaitMoved(other, directory, "wait.csv");
            assertThat(other.log()).doesNotContain("Rollback file strategy");
        }
    }

    @Test
    void aProcessThatIsKilledInTheMidstOfAFileStoresEachRowOnce() throws IOException {
        var directory = Files.createDirectory(folder.resolve("killed"));
        var file = HEAD + rows("kill", 1, 20_000);
        try (var dying = product(directory).start()) {
            Drops.put(directory, "kill.csv", file.getBytes(StandardCharsets.UTF_8));
            await().pollInterval(Duration.ofMillis(5)).until(() -> stored("kill") > 0);
            dying.kill();
        }
        assertThat(stored("kill")).as("killed in the midst").isBetween(1L, 19_999L);
        try (var living = product(directory).start()) {
            assertThat(Drops.awaitMoved(living, directory, "kill.csv")).isEqualTo(".done");
            assertThat(living.log()).containsPattern("\\.done: \\d+ conversions? stored, \\d+ known already, 0 rows");
        }
        assertThat(stored("kill")).isEqualTo(20_000);
    }

    @Test
    @Tag("slow")
    void aHundredThousandRows() throws IOException {
        var file = HEAD + rows("many", 1, 100_000);
        var start = System.nanoTime();
        drop("many.csv", file);
        var first = Duration.ofNanos(System.nanoTime() - start);
        drop("many-again.csv", file + row("many", 100_001, "1"));
        var second = Duration.ofNanos(System.nanoTime() - start).minus(first);
        LoggerFactory.getLogger(OverlappingFilesIT.class)
                .info("100,000 rows each by itself: {} s, again: {} s", first.toSeconds(), second.toSeconds());
        assertThat(stored("many")).isEqualTo(100_001);
        assertThat(first).isLessThan(Duration.ofMinutes(5));
        assertThat(second).isLessThan(Duration.ofMinutes(5));
    }
}
