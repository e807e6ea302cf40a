package metrika.conversions;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import metrika.conversions.support.Drops;
import metrika.conversions.support.Product;
import metrika.conversions.support.SftpServer;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Files laid down in a folder and on a real SFTP server. */
class FileDropTest {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(1, ChronoUnit.HOURS);
    private static final Charset WINDOWS_1251 = Charset.forName("windows-1251");

    private static final int MANAGEMENT = Product.freePort();

    @TempDir
    private static Path directory;
    private static Path folder;
    private static Path remote;
    private static SftpServer server;
    private static TestWebhook webhook;
    private static TestWebhook ofSftp;
    private static Product product;

    @BeforeAll
    static void start() throws Exception {
        folder = Files.createDirectory(directory.resolve("folder"));
        remote = Files.createDirectories(directory.resolve("remote/out")).toRealPath();
        var keys = Files.createDirectory(directory.resolve("keys"));
        var pair = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        server = new SftpServer(remote.getParent(), keys, pair.getPublic());
        webhook = Shared.PRODUCT.webhook("{\"name\": \"folder\", \"counter_id\": 501, \"token\": \"t501\", \"time_zone\": \"Europe/Moscow\"}");
        ofSftp = Shared.PRODUCT.webhook(502);
        var project = Files.createDirectory(directory.resolve("project"));
        Product.copyProject(project);
        for (var name : List.of("acme", "away", "false")) {
            var route = Files.readString(Path.of("routes/in-sftp-drop.camel.yaml"));
            Files.writeString(project.resolve("routes/in-" + name + ".camel.yaml"),
                    route.replace("sftp-drop.", name + ".").replace("in-sftp-drop", "in-" + name));
        }
        var key = keys.resolve("id_rsa");
        Files.writeString(key, "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n".formatted(
                Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded())));
        var builder = Product.on(Shared.DATABASE, Shared.METRIKA.url()).with("upload.schedule", "0 0 0 1 1 ? 2099")
                .with("inbound.folder-drop.enabled", true)
                .with("inbound.folder-drop.webhook", webhook.id())
                .with("inbound.folder-drop.directory", folder)
                .with("inbound.folder-drop.delay", "100")
                .with("inbound.folder-drop.min-age", "0")
                .with("camel.kamelet.folder-drop.checkInterval", 100)
                .with("camel.kamelet.sftp-drop.checkInterval", 100)
                .with("inbound.sftp-drop.enabled", true)
                .with("inbound.sftp-drop.webhook", ofSftp.id())
                .with("inbound.sftp-drop.host", "127.0.0.1")
                .with("inbound.sftp-drop.port", server.port())
                .with("inbound.sftp-drop.directory", "out")
                .with("inbound.sftp-drop.username", SftpServer.USER)
                .with("inbound.sftp-drop.password", SftpServer.PASSWORD)
                .with("inbound.sftp-drop.known-hosts-file", server.knownHosts(keys.resolve("known_hosts")))
                .with("inbound.sftp-drop.delay", "100")
                .with("inbound.sftp-drop.min-age", "0")
                .with("management.port", MANAGEMENT)
                .in(project);
        Files.createDirectory(remote.resolveSibling("acme"));
        instance(builder, "acme", server.port(), server.knownHosts(keys.resolve("known_hosts"))).with("inbound.acme.private-key-file", key)
                .with("inbound.acme.all-or-nothing", true);
        instance(builder, "away", Product.freePort(), keys.resolve("known_hosts")).with("inbound.away.password", SftpServer.PASSWORD);
        instance(builder, "false", server.port(), Files.writeString(keys.resolve("others"), "[127.0.0.1]:%d ssh-rsa %s%n".formatted(
                server.port(), PublicKeyEntry.toString(pair.getPublic()).split(" ")[1]))).with("inbound.false.password", SftpServer.PASSWORD);
        product = builder.start();
    }

    private static Product.Builder instance(Product.Builder builder, String name, int port, Path knownHosts) {
        var settings = "inbound." + name + ".";
        return builder.with(settings + "enabled", true).with(settings + "webhook", ofSftp.id()).with(settings + "host", "127.0.0.1")
                .with(settings + "port", port).with(settings + "directory", "acme").with(settings + "username", SftpServer.USER)
                .with(settings + "password", "").with(settings + "private-key-file", "").with(settings + "private-key-passphrase", "")
                .with(settings + "known-hosts-file", knownHosts).with(settings + "columns", "client_id=Who,target='buy'")
                .with(settings + "all-or-nothing", false).with(settings + "delay", "100").with(settings + "min-age", "0");
    }

    @AfterAll
    static void stop() {
        product.close();
        server.close();
    }

    private static String drop(String name, String content) throws IOException {
        return drop(name, content.getBytes(StandardCharsets.UTF_8));
    }

    private static String drop(String name, byte[] content) throws IOException {
        Drops.put(folder, name, content);
        return Drops.awaitMoved(product, folder, name);
    }

    private static List<Map<String, Object>> stored(TestWebhook of, String prefix) {
        return Shared.DATABASE.query("""
                select c.* from conversion c join batch b on b.id = c.batch_id
                 where b.webhook_id = ?::uuid and coalesce(c.client_id, c.user_id, c.yclid) like ?
                 order by b.id, c.position""", of.id(), prefix + "%");
    }

    @Test
    void excelsCsvIsReadAsItIsMeant() throws IOException {
        var text = "sep=;\r\n\u00a0Client ID ;Target;\"Date\u00a0Time\";PRICE;Currency;Менеджер;;\r\n"
                + "excel-1;покупка;01.07.2025 12:34;\"1\u00a0500,50\";RUB;\"Иванов;\r\nПётр\";;\r\n"
                + ";;;;;;;\r\n"
                + "excel-2;\"a \"\"b\"\"\";2025-07-01 12:34:56;19,9;RUB;;;\r\n"
                + "excel-3;покупка;07/01/2025 12:34;1;RUB;;;\r\n";
        assertThat(drop("Отчёт за июль.csv", text.getBytes(WINDOWS_1251))).isEqualTo(".done");
        assertThat(stored(webhook, "excel-")).hasSize(1).first().satisfies(row -> {
            assertThat(row.get("target")).isEqualTo("покупка");
            assertThat(row.get("date_time")).isEqualTo(Instant.parse("2025-07-01T09:34:00Z").getEpochSecond());
            assertThat(row.get("price").toString()).isEqualTo("1500.50");
        });
        assertThat(Drops.errors(folder, "Отчёт за июль.csv")).hasSize(2)
                .satisfies(lines -> assertThat(lines.get(0)).startsWith("6;target;").contains("excel-2"))
                .satisfies(lines -> assertThat(lines.get(1)).startsWith("7;date_time;").contains("07/01/2025", "excel-3"));
        assertThat(product.log()).contains("stand for no field of a conversion: [Менеджер]");
    }

    @Test
    void everyDelimiterAndMarkAndJsonShape() throws IOException {
        var csv = "ClientId,Target,DateTime,Price\nshape-1,buy," + NOW.getEpochSecond() + ",\"1,5\"\n";
        assertThat(drop("comma.csv", "\ufeff" + csv)).isEqualTo(".done");
        assertThat(drop("tab.csv", "client_id\ttarget\tdate_time\nshape-2\tbuy\t" + NOW + "\n")).isEqualTo(".done");
        var row = "{\"client_id\": \"shape-%d\", \"target\": \"buy\", \"date_time\": \"" + NOW + "\", \"price\": 19.90}";
        assertThat(drop("wrapped.json", "\ufeff{ \"conversions\": [" + row.formatted(3) + "," + row.formatted(4) + "]}")).isEqualTo(".done");
        assertThat(drop("array.json", "[" + row.formatted(5) + "]")).isEqualTo(".done");
        assertThat(drop("lines.json", row.formatted(6) + "\n" + row.formatted(7) + "\n7\n" + row.formatted(8).replace("buy", "") + "\n"))
                .isEqualTo(".done");
        assertThat(stored(webhook, "shape-")).hasSize(7).allSatisfy(stored ->
                assertThat(stored.get("date_time")).isEqualTo(NOW.getEpochSecond()));
        assertThat(stored(webhook, "shape-6")).first().satisfies(stored -> assertThat(stored.get("price").toString()).isEqualTo("19.90"));
        assertThat(Drops.errors(folder, "lines.json")).hasSize(2)
                .satisfies(lines -> assertThat(lines.get(0)).startsWith("3,,a conversion has to be a JSON object"))
                .satisfies(lines -> assertThat(lines.get(1)).startsWith("4,target,target is required"));
    }

    @Test
    void whatCannotBeReadIsFailedAndNothingOfItStored() throws IOException {
        var head = "client_id;target;date_time\n";
        var row = "broken;buy;" + NOW + "\n";
        var quote = drop("quote.csv", head + row.repeat(2500) + "\"broken;buy;" + NOW + "\n" + row.repeat(50_000));
        assertThat(quote).isEqualTo(".failed");
        assertThat(Drops.errors(folder, "quote.csv")).hasSize(1).first().asString().startsWith("2502;").contains("quote is not closed");
        assertThat(drop("column.csv", "client;target;date_time\n" + row)).isEqualTo(".failed");
        assertThat(Drops.errors(folder, "column.csv").get(0)).contains("no column is the client_id", "client, target, date_time");
        assertThat(drop("utf16.csv", (head + row).getBytes(StandardCharsets.UTF_16))).isEqualTo(".failed");
        assertThat(drop("broken.json", "[{\"client_id\": \"broken\", \"target\": \"buy\", \"date_time\": \"" + NOW + "\"},\n{]"))
                .isEqualTo(".failed");
        assertThat(Drops.errors(folder, "broken.json").get(0)).startsWith("2,").contains("not JSON");
        assertThat(drop("bad.csv", head + "broken;;" + NOW + "\n")).isEqualTo(".failed");
        assertThat(stored(webhook, "broken")).isEmpty();
    }

    @Test
    void aFileThatIsNotWholeYetIsLeftAlone() throws IOException {
        var content = "client_id,target,date_time\nwhole-1,buy," + NOW + "\n";
        for (var name : List.of("growing.csv.filepart", "growing.csv.tmp", ".growing.csv", "~growing.csv", "growing.xlsx")) {
            Files.writeString(folder.resolve(name), content);
        }
        assertThat(drop("whole.csv", content.replace("whole-1", "whole-2"))).isEqualTo(".done");
        assertThat(stored(webhook, "whole-")).hasSize(1);
        assertThat(folder.resolve("growing.csv.tmp")).exists();
        assertThat(folder.resolve(".growing.csv")).exists();
    }

    @Test
    void overSftpTheSameAndTwiceTheSameIsStoredOnce() throws IOException {
        var content = new StringBuilder("client_id,target,date_time\n");
        for (int i = 0; i < 2500; i++) {
            content.append("sftp-").append(i).append(i % 500 == 7 ? ",," : ",buy,").append(NOW).append('\n');
        }
        server.put("out/orders.csv", content.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(Drops.awaitMoved(product, remote, "orders.csv")).isEqualTo(".done");
        assertThat(stored(ofSftp, "sftp-")).hasSize(2495);
        assertThat(Drops.errors(remote, "orders.csv")).hasSize(5)
                .satisfies(lines -> assertThat(lines.get(1)).startsWith("509,target,").endsWith("sftp-507,," + NOW));
        server.put("out/orders again.csv", content.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(Drops.awaitMoved(product, remote, "orders again.csv")).isEqualTo(".done");
        assertThat(stored(ofSftp, "sftp-")).hasSize(2495);
        assertThat(Drops.errors(remote, "orders again.csv")).isEqualTo(Drops.errors(remote, "orders.csv"));
        assertThat(product.log()).doesNotContain(SftpServer.PASSWORD);
    }

    @Test
    void refusedRowsOfAnEarlierFileOfTheNameDoNotStay() throws IOException {
        var head = "client_id,target,date_time\n";
        var good = "stale-%d,buy," + NOW + "\n";
        var bad = "stale-bad,," + NOW + "\n";
        assertThat(drop("daily.csv", head + good.formatted(1) + bad)).isEqualTo(".done");
        assertThat(Drops.errors(folder, "daily.csv")).hasSize(1);
        assertThat(drop("daily.csv", head + good.formatted(2))).isEqualTo(".done");
        await().until(() -> !Files.exists(folder.resolve(".done/daily.csv.errors.csv")));
        server.put("out/daily.csv", (head + good.formatted(3) + bad).getBytes(StandardCharsets.UTF_8));
        await().until(() -> Files.exists(remote.resolve(".done/daily.csv")));
        assertThat(Drops.errors(remote, "daily.csv")).hasSize(1);
        server.put("out/daily.csv", (head + good.formatted(4)).getBytes(StandardCharsets.UTF_8));
        await().until(() -> !stored(ofSftp, "stale-4").isEmpty() && !Files.exists(remote.resolve("daily.csv")));
        assertThat(remote.resolve(".done/daily.csv.errors.csv")).doesNotExist();
        assertThat(stored(webhook, "stale-")).hasSize(2);
    }

    @Test
    void anotherPartnerHasAKeyColumnsOfItsOwnAndAllOrNothing() throws IOException {
        var acme = remote.resolveSibling("acme");
        var rows = "acme-%d;" + NOW + "\n";
        var content = new StringBuilder("Who;DateTime\n");
        for (int i = 0; i < 1500; i++) {
            content.append(rows.formatted(i));
        }
        Drops.put(acme, "bad.csv", (content + ";" + NOW + "\nacme-x;yesterday\n").getBytes(StandardCharsets.UTF_8));
        assertThat(Drops.awaitMoved(product, acme, "bad.csv")).isEqualTo(".failed");
        assertThat(stored(ofSftp, "acme-")).isEmpty();
        assertThat(Drops.errors(acme, "bad.csv")).hasSize(2).satisfies(lines -> assertThat(lines.get(1)).startsWith("1503;date_time;"));
        Drops.put(acme, "good.csv", content.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(Drops.awaitMoved(product, acme, "good.csv")).isEqualTo(".done");
        assertThat(stored(ofSftp, "acme-")).hasSize(1500).allSatisfy(row -> assertThat(row.get("target")).isEqualTo("buy"));
    }

    @Test
    void aServerThatIsAwayOrAnotherOneShowsAndDisturbsNothing() throws Exception {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() ->
                assertThat(product.log()).contains("UnknownHostKey").contains("Connection refused"));
        assertThat(product.log()).as("a line each").doesNotContain("\tat com.jcraft");
        assertThat(health("")).startsWith("503");
        assertThat(health("/ready")).startsWith("200");
        assertThat(product.log()).doesNotContain(SftpServer.PASSWORD);
    }

    private static String health(String kind) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + MANAGEMENT + "/observe/health" + kind)).build();
        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    @Test
    void aFileWaitsWhileItsWebhookIsSwitchedOff() throws IOException {
        assertThat(Shared.PRODUCT.patch(TestWebhook.PATH + "/" + webhook.id(), "{\"is_active\": false}").status()).isEqualTo(200);
        try {
            Drops.put(folder, "waits.csv", ("client_id,target,date_time\nwaits-1,buy," + NOW + "\n").getBytes(StandardCharsets.UTF_8));
            await().atMost(Duration.ofSeconds(30)).until(() ->
                    product.log().contains("in-folder-drop is tried again: waits.csv: This webhook is disabled"));
            assertThat(product.log()).as("that line and no more").doesNotContain("ErrorHandler", "\tat org.apache.camel");
            assertThat(folder.resolve("waits.csv")).exists();
        } finally {
            Shared.PRODUCT.patch(TestWebhook.PATH + "/" + webhook.id(), "{\"is_active\": true}");
        }
        assertThat(Drops.awaitMoved(product, folder, "waits.csv")).isEqualTo(".done");
        assertThat(stored(webhook, "waits-")).hasSize(1);
    }
}
