package metrika.conversions.sources;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyEncryptionContext;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.Drops;
import metrika.conversions.support.Product;
import metrika.conversions.support.SftpServer;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Files laid down in a folder and on a real SFTP server. */
class FileDropIT {

    private static final Instant NOW =
            Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(1, ChronoUnit.HOURS);
    private static final Charset WINDOWS_1251 = Charset.forName("windows-1251");

    private static final String PASSPHRASE = "o&pen % me+ 1";
    private static final int MANAGEMENT = Product.freePort();

    @TempDir
    private static Path directory;

    private static Path folder;
    private static Path remote;
    private static SftpServer server;
    private static SftpServer other;
    private static TestWebhook webhook;
    private static TestWebhook ofSftp;
    private static Product product;

    @BeforeAll
    static void start() throws Exception {
        folder = Files.createDirectory(directory.resolve("folder"));
        remote = Files.createDirectories(directory.resolve("remote/out")).toRealPath();
        var keys = Files.createDirectory(directory.resolve("keys"));
        var generator = KeyPairGenerator.getInstance("RSA");
        var pair = generator.generateKeyPair();
        var closed = generator.generateKeyPair();
        server = new SftpServer(remote.getParent(), keys, pair.getPublic(), closed.getPublic());
        var ofOther = Files.createDirectory(directory.resolve("other-keys"));
        other = new SftpServer(remote.getParent(), ofOther, pair.getPublic());
        webhook = Shared.PRODUCT.webhook(
                "{\"name\": \"folder\", \"counter_id\": 501, \"token\": \"t501\", \"time_zone\": \"Europe/Moscow\"}");
        ofSftp = Shared.PRODUCT.webhook(502);
        var project = Files.createDirectory(directory.resolve("project"));
        Product.copyProject(project);
        for (var name : List.of("acme", "twin", "back", "away", "false", "stuck", "gone")) {
            Files.writeString(
                    project.resolve("application.properties"),
                    "\ninbound." + name + ".type=sftp-drop\n",
                    StandardOpenOption.APPEND);
        }
        Files.writeString(
                project.resolve("application.properties"),
                "\ninbound.share.type=folder-drop\n",
                StandardOpenOption.APPEND);
        var key = keys.resolve("id_rsa");
        Files.writeString(
                key,
                "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                        .formatted(Base64.getMimeEncoder()
                                .encodeToString(pair.getPrivate().getEncoded())));
        var builder = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .with("inbound.folder-drop.enabled", true)
                .with("inbound.folder-drop.webhook", webhook.id())
                .with("inbound.folder-drop.directory", folder)
                .with("inbound.folder-drop.delay", "100")
                .with("inbound.folder-drop.min-age", "0")
                .with("inbound.share.enabled", true)
                .with("inbound.share.webhook", webhook.id())
                .with("inbound.share.directory", directory.resolve("share"))
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
                .with("inbound.sftp-drop.recursive", true)
                .with("inbound.sftp-drop.rows", "order")
                .with("management.port", MANAGEMENT)
                .in(project);
        for (var name : List.of("acme", "twin", "back", "stuck", "gone")) {
            Files.createDirectory(remote.resolveSibling(name));
        }
        Files.writeString(remote.resolveSibling("stuck").resolve(".done"), "no folder");
        instance(builder, "acme", server.port(), server.knownHosts(keys.resolve("known_hosts")))
                .with("inbound.acme.private-key-file", key)
                .with("inbound.acme.all-or-nothing", true)
                .with("inbound.acme.min-age", "2s");
        instance(builder, "twin", server.port(), server.knownHosts(keys.resolve("known_hosts")))
                .with("inbound.twin.directory", "twin")
                .with("inbound.twin.private-key-file", openSsh(keys.resolve("closed"), closed, PASSPHRASE))
                .with("inbound.twin.private-key-passphrase", PASSPHRASE)
                .with("inbound.twin.encoding", "cp866");
        instance(builder, "back", other.port(), other.knownHosts(ofOther.resolve("known_hosts")))
                .with("inbound.back.directory", "back")
                .with("inbound.back.private-key-file", openSsh(keys.resolve("open"), pair, null));
        instance(builder, "stuck", server.port(), server.knownHosts(keys.resolve("known_hosts")))
                .with("inbound.stuck.directory", "stuck")
                .with("inbound.stuck.password", SftpServer.PASSWORD);
        instance(builder, "gone", server.port(), server.knownHosts(keys.resolve("known_hosts")))
                .with("inbound.gone.directory", "gone")
                .with("inbound.gone.password", SftpServer.PASSWORD);
        instance(builder, "away", Product.freePort(), keys.resolve("known_hosts"))
                .with("inbound.away.password", SftpServer.PASSWORD);
        instance(
                        builder,
                        "false",
                        server.port(),
                        Files.writeString(
                                keys.resolve("others"),
                                "[127.0.0.1]:%d ssh-rsa %s%n"
                                        .formatted(
                                                server.port(),
                                                PublicKeyEntry.toString(pair.getPublic())
                                                        .split(" ")[1])))
                .with("inbound.false.password", SftpServer.PASSWORD);
        product = builder.start();
    }

    /** Writes a private key as ssh-keygen does, closed by a passphrase if there is one. */
    private static Path openSsh(Path file, KeyPair pair, String passphrase)
            throws IOException, GeneralSecurityException {
        OpenSSHKeyEncryptionContext encryption = null;
        if (passphrase != null) {
            encryption = new OpenSSHKeyEncryptionContext();
            encryption.setCipherType("256");
            encryption.setPassword(passphrase);
        }
        try (var stream = Files.newOutputStream(file)) {
            OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, "a test's", encryption, stream);
        }
        assertThat(file).content().startsWith("-----BEGIN OPENSSH PRIVATE KEY-----");
        return file;
    }

    private static Product.Builder instance(Product.Builder builder, String name, int port, Path knownHosts) {
        var settings = "inbound." + name + ".";
        return builder.with(settings + "enabled", true)
                .with(settings + "webhook", ofSftp.id())
                .with(settings + "host", "127.0.0.1")
                .with(settings + "port", port)
                .with(settings + "directory", "acme")
                .with(settings + "username", SftpServer.USER)
                .with(settings + "password", "")
                .with(settings + "private-key-file", "")
                .with(settings + "private-key-passphrase", "")
                .with(settings + "known-hosts-file", knownHosts)
                .with(settings + "columns", "client_id=Who,target='buy'")
                .with(settings + "all-or-nothing", false)
                .with(settings + "delay", "100")
                .with(settings + "min-age", "0");
    }

    @AfterAll
    static void stop() {
        product.close();
        server.close();
        other.close();
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
                  order by b.id, c.position\
                 """, of.id(), prefix + "%");
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
            assertThat(row.get("date_time"))
                    .isEqualTo(Instant.parse("2025-07-01T09:34:00Z").getEpochSecond());
            assertThat(row.get("price").toString()).isEqualTo("1500.50");
        });
        assertThat(Drops.errors(folder, "Отчёт за июль.csv"))
                .hasSize(2)
                .satisfies(lines ->
                        assertThat(lines.get(0)).startsWith("6;target;").contains("excel-2"))
                .satisfies(lines ->
                        assertThat(lines.get(1)).startsWith("7;date_time;").contains("07/01/2025", "excel-3"));
        assertThat(product.log()).contains("stand for no field of a conversion: [Менеджер]");
    }

    @Test
    void filesInFoldersOfAServerKeepApartAndXmlIsTaken() throws IOException {
        for (var shop : List.of("1", "2")) {
            var below = Files.createDirectories(remote.resolve("shops").resolve(shop));
            Drops.put(
                    below,
                    "day.xml",
                    ("<orders><order client_id='below-%1$s' target='buy' date_time='%2$s'/>"
                                    + "<order client_id='below-%1$s' target='' date_time='%2$s'/></orders>")
                            .formatted(shop, NOW)
                            .getBytes(StandardCharsets.UTF_8));
            assertThat(Drops.awaitMoved(product, below, "day.xml")).isEqualTo(".done");
            assertThat(Drops.errors(below, "day.xml"))
                    .singleElement()
                    .asString()
                    .contains("target is required", "below-" + shop);
        }
        assertThat(stored(ofSftp, "below-")).hasSize(2);
        assertThat(product.log()).contains("File shops/2/day.xml is .done: 1 conversion stored, 1 row refused");
        assertThat(remote.resolve(".done/day.xml")).doesNotExist();
    }

    @Test
    void everyDelimiterAndMarkAndJsonShape() throws IOException {
        var csv = "ClientId,Target,DateTime,Price\nshape-1,buy," + NOW.getEpochSecond() + ",\"1,5\"\n";
        assertThat(drop("comma.csv", "\ufeff" + csv)).isEqualTo(".done");
        assertThat(drop("tab.csv", "client_id\ttarget\tdate_time\nshape-2\tbuy\t" + NOW + "\n"))
                .isEqualTo(".done");
        var row =
                "{\"client_id\": \"shape-%d\", \"target\": \"buy\", \"date_time\": \"" + NOW + "\", \"price\": 19.90}";
        assertThat(drop(
                        "wrapped.json",
                        "\ufeff{ \"conversions\": [" + row.formatted(3) + "," + row.formatted(4) + "]}"))
                .isEqualTo(".done");
        assertThat(drop("array.json", "[" + row.formatted(5) + "]")).isEqualTo(".done");
        assertThat(drop(
                        "lines.json",
                        row.formatted(6) + "\n" + row.formatted(7) + "\n7\n"
                                + row.formatted(8).replace("buy", "") + "\n"))
                .isEqualTo(".done");
        assertThat(stored(webhook, "shape-"))
                .hasSize(7)
                .allSatisfy(stored -> assertThat(stored.get("date_time")).isEqualTo(NOW.getEpochSecond()));
        assertThat(stored(webhook, "shape-6"))
                .first()
                .satisfies(stored -> assertThat(stored.get("price").toString()).isEqualTo("19.90"));
        assertThat(Drops.errors(folder, "lines.json"))
                .hasSize(2)
                .satisfies(lines -> assertThat(lines.get(0)).startsWith("3,,a conversion has to be a JSON object"))
                .satisfies(lines -> assertThat(lines.get(1)).startsWith("4,target,target is required"));
    }

    @Test
    void allOfAJsonFileIsRead() throws IOException {
        var row = "{\"client_id\": \"all-%d\", \"target\": \"buy\", \"date_time\": \"" + NOW + "\"}";
        assertThat(drop("arrays.json", "[" + row.formatted(1) + "]\n[" + row.formatted(2) + "]\n" + row.formatted(3)))
                .isEqualTo(".done");
        assertThat(drop(
                        "requests.json",
                        "{\"conversions\":[" + row.formatted(4) + "]}\n{\"conversions\": [" + row.formatted(5) + ","
                                + row.formatted(6) + "], \"total\": 2}"))
                .isEqualTo(".done");
        assertThat(drop(
                        "named.json",
                        "{\"source\": \"crm\", \"meta\": {\"pages\": [1, 2]}, \"conversions\": [" + row.formatted(7)
                                + "]}"))
                .isEqualTo(".done");
        assertThat(drop(
                        "numbers.json",
                        "[" + row.formatted(8).replace("\"" + NOW + "\"", String.valueOf(NOW.getEpochSecond())) + "]"))
                .isEqualTo(".done");
        assertThat(stored(webhook, "all-"))
                .hasSize(8)
                .allSatisfy(stored -> assertThat(stored.get("date_time")).isEqualTo(NOW.getEpochSecond()));
        for (var broken : List.of(
                "{\"conversions\": [" + row.formatted(9) + "]",
                "[" + row.formatted(9) + "] x",
                "[" + row.formatted(9) + "]]",
                "{\"conversions\": [\n" + row.formatted(9) + ",\n" + row.formatted(9) + "\n")) {
            assertThat(drop("rest.json", broken)).as(broken).isEqualTo(".failed");
            assertThat(Drops.errors(folder, "rest.json").get(0)).contains("not JSON");
        }
        assertThat(stored(webhook, "all-9")).isEmpty();
    }

    @Test
    void aBrokenLineAmongJsonLinesIsARefusedRow() throws IOException {
        var row = "{\"client_id\": \"lines-%d\", \"target\": \"buy\", \"date_time\": \"" + NOW + "\"}\n";
        assertThat(drop(
                        "broken-line.json",
                        row.formatted(1) + "{\"client_id\": \"lines-x\", \"tar\n\n" + row.formatted(2)
                                + row.formatted(3).replace("buy", "") + row.formatted(4) + "{\"client_id\": \"lines-"))
                .isEqualTo(".done");
        assertThat(stored(webhook, "lines-"))
                .extracting(stored -> stored.get("client_id"))
                .containsExactly("lines-1", "lines-2", "lines-4");
        assertThat(Drops.errors(folder, "broken-line.json"))
                .hasSize(3)
                .satisfies(lines -> assertThat(lines.get(0))
                        .startsWith("2,,the line is not JSON")
                        .contains("lines-x"))
                .satisfies(lines -> assertThat(lines.get(1)).startsWith("5,target,"))
                .satisfies(lines -> assertThat(lines.get(2)).startsWith("7,,the line is not JSON"));
    }

    @Test
    void blankLinesBeforeTheHeaderAreNoHeader() throws IOException {
        assertThat(drop(
                        "blank.csv",
                        "\n  \nclient_id,target,date_time\nblank-1,buy," + NOW + "\nblank-2,," + NOW + "\n"))
                .isEqualTo(".done");
        assertThat(stored(webhook, "blank-")).hasSize(1);
        assertThat(Drops.errors(folder, "blank.csv").get(0)).startsWith("5,target,");
        assertThat(drop("blank-other.csv", "\n;;\nclient;target;date_time\nx;buy;" + NOW + "\n"))
                .isEqualTo(".failed");
        assertThat(Drops.errors(folder, "blank-other.csv").get(0))
                .startsWith("3,,")
                .contains("no column is the client_id");
    }

    @Test
    void whatCannotBeReadIsFailedAndNothingOfItStored() throws IOException {
        var head = "client_id;target;date_time\n";
        var row = "broken;buy;" + NOW + "\n";
        var quote = drop("quote.csv", head + row.repeat(2500) + "\"broken;buy;" + NOW + "\n" + row.repeat(50_000));
        assertThat(quote).isEqualTo(".failed");
        assertThat(Drops.errors(folder, "quote.csv"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("2502;")
                .contains("quote is not closed");
        assertThat(drop("column.csv", "client;target;date_time\n" + row)).isEqualTo(".failed");
        assertThat(Drops.errors(folder, "column.csv").get(0))
                .contains("no column is the client_id", "client, target, date_time");
        assertThat(drop("book.csv", "PK\u0003\u0004xl/workbook.xml")).isEqualTo(".failed");
        assertThat(Drops.errors(folder, "book.csv").get(0)).startsWith("1,").contains("workbook of Excel");
        assertThat(drop("book-2.csv", "PK\u0003\u0004xl/workbook.xml")).isEqualTo(".failed");
        assertThat(Shared.DATABASE.query("select content ->> 'file' as name from refused_row where file like 'book%'"))
                .as("each of them is kept")
                .extracting(kept -> kept.get("name"))
                .containsExactlyInAnyOrder("book.csv", "book-2.csv");
        assertThat(drop(
                        "broken.json",
                        "[{\"client_id\": \"broken\", \"target\": \"buy\", \"date_time\": \"" + NOW + "\"},\n{]"))
                .isEqualTo(".failed");
        assertThat(Drops.errors(folder, "broken.json").get(0)).startsWith("2,").contains("not JSON");
        assertThat(drop("bad.csv", head + "broken;;" + NOW + "\n")).isEqualTo(".failed");
        assertThat(stored(webhook, "broken")).isEmpty();
    }

    @Test
    void aBrokenLetterCostsItsRowAndExcelsUnicodeTextIsRead() throws IOException {
        var head = "client_id;target;date_time;comment\n";
        var text = "\ufeff" + head + "cut-1;Покупка;" + NOW + ";Спасибо\ncut-2;Покупка;" + NOW
                + ";Спасибo\ncut-3;Покупка;" + NOW + ";Спасибо\n";
        var content = text.getBytes(StandardCharsets.UTF_8);
        var latin = text.indexOf("Спасибo") + "Спасибo".length() - 1;
        content[text.substring(0, latin).getBytes(StandardCharsets.UTF_8).length] = (byte) 0xd0;
        assertThat(drop("cut.csv", content)).isEqualTo(".done");
        assertThat(stored(webhook, "cut-"))
                .extracting(row -> row.get("client_id"))
                .containsExactly("cut-1", "cut-3");
        assertThat(Drops.errors(folder, "cut.csv"))
                .singleElement()
                .asString()
                .startsWith("3;")
                .contains("no letter in UTF-8", "Спасиб\ufffd");
        var excel = "client_id\ttarget\tdate_time\r\nutf16-1\tпокупка\t25.06.2025 12:00\r\n";
        assertThat(drop("unicode.csv", ("\ufeff" + excel).getBytes(StandardCharsets.UTF_16LE)))
                .isEqualTo(".done");
        assertThat(stored(webhook, "utf16-"))
                .singleElement()
                .satisfies(row -> assertThat(row.get("target")).isEqualTo("покупка"));
        // The partner of the other server writes nothing that could be told by a letter, and is known to write cp866
        var twin = remote.resolveSibling("twin");
        Drops.put(
                twin,
                "dos.csv",
                "Who;DateTime;Currency\nдос-1;2025-06-25T12:00:00Z;\n".getBytes(Charset.forName("IBM866")));
        assertThat(Drops.awaitMoved(product, twin, "dos.csv")).isEqualTo(".done");
        assertThat(stored(ofSftp, "дос-")).hasSize(1);
    }

    @Test
    void aFileThatIsNotWholeYetIsLeftAlone() throws IOException {
        var content = "client_id,target,date_time\nwhole-1,buy," + NOW + "\n";
        for (var name :
                List.of("growing.csv.filepart", "growing.csv.tmp", ".growing.csv", "~growing.csv", "growing.xlsx")) {
            Files.writeString(folder.resolve(name), content);
        }
        assertThat(drop("whole.csv", content.replace("whole-1", "whole-2"))).isEqualTo(".done");
        assertThat(stored(webhook, "whole-")).hasSize(1);
        assertThat(folder.resolve("growing.csv.tmp")).exists();
        assertThat(folder.resolve(".growing.csv")).exists();
    }

    @Test
    void emptyFilesHoldUpNoOther() throws IOException {
        for (var place : List.of(folder, remote)) {
            for (int i = 0; i < 12; i++) {
                Files.createFile(place.resolve("0-empty-%d.csv".formatted(i)));
            }
        }
        var content = "client_id,target,date_time\nbehind-%d,buy," + NOW + "\n";
        Drops.put(folder, "behind.csv", content.formatted(1).getBytes(StandardCharsets.UTF_8));
        server.put("out/behind.csv", content.formatted(2).getBytes(StandardCharsets.UTF_8));
        for (var place : List.of(folder, remote)) {
            await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(place.resolve(".done/behind.csv")));
            assertThat(place.resolve("0-empty-0.csv")).isEmptyFile();
        }
        // Whoever makes it first and fills it later
        Files.writeString(folder.resolve("0-empty-0.csv"), content.formatted(3));
        assertThat(Drops.awaitMoved(product, folder, "0-empty-0.csv")).isEqualTo(".done");
        assertThat(stored(webhook, "behind-")).hasSize(2);
    }

    @Test
    void aFileThatGrowsIsWaitedForByThisMachinesClockAndHoldsUpNoOther() throws Exception {
        var acme = remote.resolveSibling("acme");
        var growing = acme.resolve("0-growing.csv");
        Files.writeString(growing, "Who;DateTime\n");
        var writer = Executors.newSingleThreadScheduledExecutor();
        try {
            var growth = writer.scheduleWithFixedDelay(
                    () -> {
                        try {
                            Files.writeString(growing, "grows;" + NOW + "\n", StandardOpenOption.APPEND);
                            // By the clock of its server it is old
                            Files.setLastModifiedTime(
                                    growing, FileTime.from(Instant.now().minus(1, ChronoUnit.HOURS)));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    0,
                    50,
                    TimeUnit.MILLISECONDS);
            await().until(() -> Files.size(growing) > 200);
            Drops.put(
                    acme,
                    "behind-growing.csv",
                    ("Who;DateTime\nbehind-growing;" + NOW + "\n").getBytes(StandardCharsets.UTF_8));
            await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(acme.resolve(".done/behind-growing.csv")));
            growth.cancel(false);
            writer.shutdown();
            assertThat(writer.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            assertThat(growing).exists();
        } finally {
            writer.shutdownNow();
        }
        var rows = Files.readAllLines(growing).size() - 1;
        assertThat(Drops.awaitMoved(product, acme, "0-growing.csv")).isEqualTo(".done");
        assertThat(stored(ofSftp, "grows")).hasSize(rows);
    }

    @Test
    void filesOfOneNameFromTwoServersStayApart() throws IOException {
        var twin = remote.resolveSibling("twin");
        var here = new StringBuilder("client_id,target,date_time\n");
        var there = new StringBuilder("Who;DateTime\n");
        for (int i = 0; i < 20_000; i++) {
            here.append("apart-here-").append(i).append(",buy,").append(NOW).append('\n');
            there.append("apart-there-").append(i).append(';').append(NOW).append('\n');
        }
        server.put("out/apart.csv", here.toString().getBytes(StandardCharsets.UTF_8));
        server.put("twin/apart.csv", there.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(Drops.awaitMoved(product, remote, "apart.csv")).isEqualTo(".done");
        assertThat(Drops.awaitMoved(product, twin, "apart.csv")).isEqualTo(".done");
        assertThat(stored(ofSftp, "apart-here-")).hasSize(20_000);
        assertThat(stored(ofSftp, "apart-there-")).hasSize(20_000);
        assertThat(product.log()).as("a private key in OpenSSH's form opens it").doesNotContain(PASSPHRASE);
    }

    @Test
    void namesMayHaveWhateverNamesHave() throws IOException {
        var names = List.of(
                "Заказы №5.csv",
                "orders,july.csv",
                "sales&co.csv",
                "a@b.csv",
                "(1).csv",
                "Июльскии\u0306 отче\u0308т.csv",
                "100%.csv",
                "a%20b.csv",
                "#1;x.csv",
                "[x].csv",
                "{{y}}.csv",
                "it's.csv",
                "«x» — 1=2!.csv",
                "_.JSON");
        for (var place : List.of(folder, remote)) {
            for (var name : names) {
                var row = name.endsWith("csv")
                        ? "client_id,target,date_time\nnamed-%s,buy,%s\n,buy,%2$s\n"
                        : "[{\"client_id\": \"named-%s\", \"target\": \"buy\", \"date_time\": \"%s\"}, {}]";
                Drops.put(place, name, row.formatted(names.indexOf(name), NOW).getBytes(StandardCharsets.UTF_8));
            }
            for (var name : names) {
                assertThat(Drops.awaitMoved(product, place, name)).as(name).isEqualTo(".done");
                await().untilAsserted(() ->
                        assertThat(Drops.errors(place, name)).as(name).hasSize(1));
            }
            for (var name : List.of(
                    "$x.csv", "a*.csv", "a?.csv", "b\\c.csv", "~x.csv", ".x.csv", "a\u0001.csv", "a\u202eb.csv")) {
                Files.writeString(place.resolve(name), "client_id,target,date_time\nnamed-not,buy," + NOW + "\n");
            }
            Drops.put(
                    place,
                    "last-named.csv",
                    ("client_id,target,date_time\nnamed-last,buy," + NOW + "\n").getBytes(StandardCharsets.UTF_8));
            Drops.awaitMoved(product, place, "last-named.csv");
        }
        for (var of : List.of(webhook, ofSftp)) {
            assertThat(stored(of, "named-"))
                    .hasSize(names.size() + 1)
                    .extracting(row -> row.get("client_id"))
                    .doesNotContain("named-not");
        }
    }

    @Test
    void aServerThatComesBackIsTakenFromAgain() throws IOException {
        var back = remote.resolveSibling("back");
        var content = "Who;DateTime\nback-%d;" + NOW + "\n";
        other.put("back/before.csv", content.formatted(1).getBytes(StandardCharsets.UTF_8));
        assertThat(Drops.awaitMoved(product, back, "before.csv")).isEqualTo(".done");
        other.close();
        other.put("back/meanwhile.csv", content.formatted(2).getBytes(StandardCharsets.UTF_8));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> product.log()
                        .matches("(?s).*127\\.0\\.0\\.1:%d[^\n]*(refused|closed|down|EOF|Session)[^\n]*.*"
                                .formatted(other.port())));
        assertThat(back.resolve("meanwhile.csv")).exists();
        other.start();
        assertThat(Drops.awaitMoved(product, back, "meanwhile.csv")).isEqualTo(".done");
        assertThat(stored(ofSftp, "back-")).hasSize(2);
    }

    @Test
    void overSftpTheSameAndTwiceTheSameIsStoredOnce() throws IOException {
        var content = new StringBuilder("client_id,target,date_time\n");
        for (int i = 0; i < 2500; i++) {
            content.append("sftp-")
                    .append(i)
                    .append(i % 500 == 7 ? ",," : ",buy,")
                    .append(NOW)
                    .append('\n');
        }
        server.put("out/orders.csv", content.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(Drops.awaitMoved(product, remote, "orders.csv")).isEqualTo(".done");
        assertThat(stored(ofSftp, "sftp-")).hasSize(2495);
        assertThat(Drops.errors(remote, "orders.csv"))
                .hasSize(5)
                .satisfies(lines ->
                        assertThat(lines.get(1)).startsWith("509,target,").endsWith("sftp-507,," + NOW));
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
        assertThat(Drops.errors(acme, "bad.csv"))
                .hasSize(2)
                .satisfies(lines -> assertThat(lines.get(1)).startsWith("1503;date_time;"));
        Drops.put(acme, "good.csv", content.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(Drops.awaitMoved(product, acme, "good.csv")).isEqualTo(".done");
        assertThat(stored(ofSftp, "acme-"))
                .hasSize(1500)
                .allSatisfy(row -> assertThat(row.get("target")).isEqualTo("buy"));
    }

    @Test
    void aServerThatIsAwayOrAnotherOneShowsAndDisturbsNothing() throws Exception {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(product.log()).contains("UnknownHostKey").contains("Connection refused"));
        assertThat(product.log()).as("a line each").doesNotContain("\tat com.jcraft");
        assertThat(health("")).startsWith("503");
        assertThat(health("/ready")).startsWith("200");
        assertThat(product.log()).doesNotContain(SftpServer.PASSWORD);
    }

    @Test
    void aFolderThatIsGoneShowsAndIsTakenFromAgain() throws Exception {
        var share = directory.resolve("share");
        takenFromAgain(share, webhook, "the folder %s is not there".formatted(share), "share cannot be looked at");
    }

    @Test
    void aFolderOfAServerThatIsGoneShowsAndIsTakenFromAgain() throws Exception {
        takenFromAgain(remote.resolveSibling("gone"), ofSftp, "/gone", "/gone cannot be looked at");
    }

    /** @param said what the log has of a folder that is gone, and what health has */
    private static void takenFromAgain(Path drop, TestWebhook owner, String said, String shown) throws Exception {
        var name = drop.getFileName().toString();
        var content = "Who;ClientId;Target;DateTime\n%1$s-%2$d;%1$s-%2$d;buy;" + NOW + "\n";
        Drops.put(drop, "before.csv", content.formatted(name, 1).getBytes(StandardCharsets.UTF_8));
        assertThat(Drops.awaitMoved(product, drop, "before.csv")).isEqualTo(".done");
        var away = drop.resolveSibling(name + "-away");
        Files.move(drop, away);
        await().untilAsserted(() ->
                assertThat(product.log().lines()).anyMatch(line -> line.contains(" ERROR ") && line.contains(said)));
        await().untilAsserted(() -> assertThat(health("")).contains(shown));
        Files.move(away, drop);
        Drops.put(drop, "after.csv", content.formatted(name, 2).getBytes(StandardCharsets.UTF_8));
        assertThat(Drops.awaitMoved(product, drop, "after.csv")).isEqualTo(".done");
        await().untilAsserted(() -> assertThat(health("")).doesNotContain(shown));
        assertThat(stored(owner, name + "-")).hasSize(2);
    }

    @Test
    void aFileThatCannotBeMovedIsStoredOnceAndToldInALine() throws IOException {
        var stuck = remote.resolveSibling("stuck");
        Drops.put(stuck, "moves.csv", ("Who,date_time\nstuck-1," + NOW + "\n").getBytes(StandardCharsets.UTF_8));
        await().atMost(Duration.ofSeconds(60)).until(() -> toldOfMoves() > 1);
        assertThat(stored(ofSftp, "stuck-")).hasSize(1);
        assertThat(product.log()).as("a line each").doesNotContain("\tat ");
        Files.delete(stuck.resolve(".done"));
        assertThat(Drops.awaitMoved(product, stuck, "moves.csv")).isEqualTo(".done");
        assertThat(stored(ofSftp, "stuck-")).hasSize(1);
    }

    private static long toldOfMoves() {
        return product.log()
                .lines()
                .filter(line -> line.contains("File moves.csv is processed, cannot be moved"))
                .count();
    }

    private static String health(String kind) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + MANAGEMENT + "/observe/health" + kind))
                .build();
        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    @Test
    void aFileWaitsWhileItsWebhookIsSwitchedOff() throws IOException {
        assertThat(Shared.PRODUCT
                        .patch(TestWebhook.PATH + "/" + webhook.id(), "{\"is_active\": false}")
                        .status())
                .isEqualTo(200);
        try {
            Drops.put(
                    folder,
                    "waits.csv",
                    ("client_id,target,date_time\nwaits-1,buy," + NOW + "\n").getBytes(StandardCharsets.UTF_8));
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> product.log()
                            .contains("in-folder-drop is tried again: waits.csv: This webhook is disabled"));
            assertThat(product.log())
                    .as("that line and no more")
                    .doesNotContain("ErrorHandler", "\tat org.apache.camel");
            assertThat(folder.resolve("waits.csv")).exists();
        } finally {
            Shared.PRODUCT.patch(TestWebhook.PATH + "/" + webhook.id(), "{\"is_active\": true}");
        }
        assertThat(Drops.awaitMoved(product, folder, "waits.csv")).isEqualTo(".done");
        assertThat(stored(webhook, "waits-")).hasSize(1);
    }
}
