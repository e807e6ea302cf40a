package metrika.conversions.sources;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.docs.PageCommands;
import metrika.conversions.support.Drops;
import metrika.conversions.support.PageBlocks;
import metrika.conversions.support.Product;
import metrika.conversions.support.SftpServer;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The sources of docs/sources/files.md that are more than rows with a header: one of settings, and one of a route. */
class FilesPageIT {

    private static final Charset WINDOWS_1251 = Charset.forName("windows-1251");

    @TempDir
    private Path directory;

    static List<String> blocks(String language, String word) throws IOException {
        return PageBlocks.allWith("docs/sources/files.md", language, word);
    }

    private static String awaitMoved(Path folder, String name, String... places) {
        return await(name)
                .atMost(Duration.ofMinutes(1))
                .until(
                        () -> List.of(places).stream()
                                .filter(place ->
                                        Files.exists(folder.resolve(place).resolve(name)))
                                .findFirst()
                                .orElse(""),
                        place -> !place.isEmpty());
    }

    private static String stored(TestWebhook webhook) {
        return Shared.DATABASE.value(
                "select string_agg(concat_ws(' ', c.purchase_id, c.price, c.currency), ', ' order by c.purchase_id)"
                        + " from conversion c join batch b on b.id = c.batch_id where b.webhook_id = ?::uuid",
                webhook.id());
    }

    private static String refused(Product product, TestWebhook webhook) {
        var at = webhook.at(product);
        return at.product().send(at.request("/refused?limit=100")).body();
    }

    @Test
    void aHeadingATotalAndFoldersOfOtherNamesAreSettings() throws Exception {
        Product.copyProject(directory);
        var webhook = Shared.PRODUCT.webhook(516);
        var shown = new PageCommands(directory).bash(String.join("", blocks("bash", "erp")), webhook.id());
        assertThat(shown)
                .contains("no faults", "1 conversion,", ",ТОРГ-000123,erp_sale,1751378707,12345.60,RUB")
                .contains("line 6: columns leaves it out, by 'Черновик' in Статус")
                .contains("done: 1 conversion stored, 1 changed (what came first stays), 0 rows refused")
                .doesNotContain("refused:");
        var sales = Files.readString(directory.resolve("sales.csv"), WINDOWS_1251);
        var folder = Files.createDirectory(directory.resolve("export"));
        try (var product = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .in(directory)
                .with("inbound.erp.type", "folder-drop") // the rest is the same
                .with("inbound.erp.recursive", true)
                .with("inbound.erp.min-age", "0")
                .with("inbound.erp.delay", "100")
                .start()) {
            Drops.put(folder, "10.csv", sales.getBytes(WINDOWS_1251));
            assertThat(awaitMoved(folder, "10.csv", "done", "bad")).isEqualTo("done");
            assertThat(product.log())
                    .contains("File 10.csv is done: 1 conversion stored, 1 changed (what came first stays), 0 rows"
                            + " refused");
            // All of it is known or changed
            Drops.put(folder, "11.csv", sales.replace("12 345,60", "7,00").getBytes(WINDOWS_1251));
            assertThat(awaitMoved(folder, "11.csv", "done", "bad")).isEqualTo("done");
            assertThat(product.log()).contains("File 11.csv is done: 0 conversions stored, 2 changed");
            Drops.put(
                    folder, "12.csv", sales.substring(0, sales.indexOf("Итого")).getBytes(WINDOWS_1251));
            assertThat(awaitMoved(folder, "12.csv", "done", "bad")).isEqualTo("bad");
            assertThat(folder.resolve("bad/12.csv.errors.csv")).content().contains("6;;the file is cut off");
            var oneBad = sales.replace("000125", "000126")
                    .replace("10,00;руб.", "10,00;евро")
                    .replace("Черновик", "Проведён")
                    .replace("Итого", "ТОРГ-000127;01.07.2025;15:00;5;$;1764399000123456791;Проведён\nИтого");
            Drops.put(folder, "13.csv", oneBad.getBytes(WINDOWS_1251));
            assertThat(awaitMoved(folder, "13.csv", "done", "bad"))
                    .as("a row is refused")
                    .isEqualTo("bad");
            assertThat(stored(webhook)).isEqualTo("ТОРГ-000123 12345.60 RUB, ТОРГ-000127 5 USD");
            assertThat(refused(product, webhook))
                    .contains("'евро' in Валюта", "the file is cut off")
                    .doesNotContain("it came before");
            assertThat(product.log())
                    .containsPattern("WARN .*File 12.csv is bad, it cannot be read: line 6: the file is cut off")
                    .containsPattern("INFO .*File 13.csv is bad: \\d+ conversions? stored, .*1 row refused");
            await().untilAsserted(() -> assertThat(product.observe("metrics"))
                    .containsPattern("conversions_refused_total\\{.*source=\"erp\""));
            assertThat(product.observe("metrics"))
                    .as("as over HTTP")
                    .containsPattern("conversions_left_out_total\\{.*reason=\"known\".*source=\"erp\".* [1-9]")
                    .doesNotContain("conversions_refused_total{code=\"changed\",source=\"erp\"");
            assertThat(folder.resolve("done/done")).as("nothing is taken twice").doesNotExist();
        }
    }

    @Test
    void aSheetAtAnAddressIsReadAgainAndAgain() throws Exception {
        Product.copyProject(directory);
        Files.writeString(
                directory.resolve("routes/sources/in-sheet.camel.yaml"),
                blocks("yaml", "id: in-sheet").get(0));
        Files.writeString(
                directory.resolve("application.properties"),
                "\n" + blocks("properties", "inbound.sheet").get(0),
                StandardOpenOption.APPEND);
        var webhook = Shared.PRODUCT.webhook(518);
        var reads = new AtomicInteger();
        var sheet = new AtomicReference<>("""
            \ufeff"Дата","ClientID","Статус","Сумма"
            "01.07.2025","1764399000123456789","Продажа","1 234,50 ₽"
            "01.07.2025","1764399000123456790","Думает",""
            "01.07.2025","","Продажа","5"
            """);
        Files.writeString(directory.resolve("sheet.csv"), sheet.get());
        assertThat(new PageCommands(directory)
                        .bash(
                                "java -jar target/metrika-conversions.jar check routes/sources/in-sheet.camel.yaml"
                                        + " sheet.csv || test $? = 4",
                                webhook.id()))
                .contains("with a key of its own for each row", "1764399000123456789,,,,sale,1751328000,1234.50,RUB");
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/pub", exchange -> {
            exchange.getResponseHeaders().add("Location", "/export.csv");
            exchange.sendResponseHeaders(307, -1);
            exchange.close();
        });
        server.createContext("/export.csv", exchange -> {
            var bytes = sheet.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
            reads.incrementAndGet();
        });
        server.start();
        var temporary = Files.createDirectory(directory.resolve("temporary"));
        try (var product = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .in(directory)
                .java("-Djava.io.tmpdir=" + temporary)
                .with("inbound.sheet.webhook", webhook.id())
                .with(
                        "inbound.sheet.url",
                        "http://127.0.0.1:%d/pub?output=csv"
                                .formatted(server.getAddress().getPort()))
                .with("inbound.sheet.schedule", "* * * * * ?")
                .start()) {
            await().until(() -> reads.get() > 2);
            assertThat(product.health()).doesNotContain("in-sheet");
            sheet.set(sheet.get().replace("1 234,50", "99").replace("Думает", "Продажа"));
            var before = reads.get();
            await().until(() -> reads.get() > before + 1);
            assertThat(Shared.DATABASE.<String>value(
                            "select string_agg(concat_ws(' ', c.client_id, c.price), ', ' order by c.client_id)"
                                    + " from conversion c join batch b on b.id = c.batch_id where b.webhook_id = ?::uuid",
                            webhook.id()))
                    .isEqualTo("1764399000123456789 1234.50, 1764399000123456790");
            assertThat(refused(product, webhook)).containsOnlyOnce("one of client_id");
            var good = sheet.getAndSet("<!DOCTYPE html>\n<html>Sorry, unable to open the file</html>\n");
            await().until(() ->
                    product.health().contains("in-sheet failed at its last run: line 1: there is no column"));
            sheet.set(good);
            await().until(() -> !product.health().contains("in-sheet"));
            server.stop(0);
            await().until(() -> product.log().contains("in-sheet is tried again"));
            await().until(() -> product.health().contains("in-sheet failed at its last run: "));
            await("what is refused is not left on this machine").until(() -> refusedFiles(temporary) == 0);
        }
    }

    private static long refusedFiles(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("refused-"))
                    .count();
        }
    }

    @Test
    void aRouteOfOnesOwnChangesTheBodyRefusesAndChoosesTheFolder() throws Exception {
        Product.copyProject(directory);
        Files.writeString(
                directory.resolve("routes/sources/in-shop-files.camel.yaml"),
                blocks("yaml", "id: in-shop-files").get(0));
        var remote = Files.createDirectories(directory.resolve("remote/out"));
        var keys = Files.createDirectory(directory.resolve("keys"));
        var server = new SftpServer(remote.toRealPath().getParent(), keys);
        var webhook = Shared.PRODUCT.webhook(517);
        Files.writeString(
                directory.resolve("application.properties"),
                ("\ninbound.shop-files.enabled=true\ninbound.shop-files.webhook=%s\n"
                                + "inbound.shop-files.host=127.0.0.1\ninbound.shop-files.directory=out\n"
                                + "inbound.shop-files.username=%s\ninbound.shop-files.password=%s\n"
                                + "inbound.shop-files.known-hosts-file=%s\n")
                        .formatted(
                                webhook.id(),
                                SftpServer.USER,
                                SftpServer.PASSWORD,
                                server.knownHosts(keys.resolve("known_hosts"))),
                StandardOpenOption.APPEND);
        var route = directory.resolve("routes/sources/in-shop-files.camel.yaml");
        var orders = "visitor;number;paid;kopecks\ntest;1;x;x\n1.1;Я-2;01.07.2025 12:00;150050\n";
        Files.write(directory.resolve("orders.csv"), orders.getBytes(WINDOWS_1251));
        Files.write(directory.resolve("noise.csv"), new byte[] {'v', (byte) 0x98, '\n'});
        var check = "java -jar target/metrika-conversions.jar check routes/sources/in-shop-files.camel.yaml ";
        var commands = new PageCommands(directory);
        assertThat(commands.bash(check + "orders.csv", ""))
                .contains("no faults", ",Я-2,order,1751371200,1500.50,", ".done: 1 conversion stored, 0 rows refused");
        assertThat(commands.bash(check + "noise.csv || [ $? = 4 ]", ""))
                .contains(
                        "The connector failed: it has bytes that are no letter",
                        "in-shop-files.camel.yaml, line 22",
                        "  bad");
        // A poll in 10 s would be long, and the port is not that of the page
        Files.writeString(
                route,
                Files.readString(route)
                        .replace(
                                "        failedFolder: bad\n",
                                "        failedFolder: bad\n        port: \"%d\"\n        delay: \"100\"\n        minAge: \"0\"\n"
                                        .formatted(server.port())));
        try (var product = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .in(directory)
                .start()) {
            Drops.put(remote, "orders.csv", orders.getBytes(WINDOWS_1251));
            assertThat(awaitMoved(remote, "orders.csv", ".done", "bad", "without-orders"))
                    .isEqualTo(".done");
            assertThat(stored(webhook)).isEqualTo("Я-2 1500.50");
            Drops.put(
                    remote,
                    "test.csv",
                    orders.substring(0, orders.indexOf("1.1;")).getBytes(WINDOWS_1251));
            assertThat(awaitMoved(remote, "test.csv", ".done", "bad", "without-orders"))
                    .isEqualTo("without-orders");
            assertThat(product.log()).contains("File test.csv is without-orders, as its route says");
            Drops.put(remote, "other.csv", "x;y\n1;2\n".getBytes(WINDOWS_1251));
            assertThat(awaitMoved(remote, "other.csv", ".done", "bad", "without-orders"))
                    .isEqualTo("bad");
            Drops.put(remote, "noise.csv", Files.readAllBytes(directory.resolve("noise.csv")));
            assertThat(awaitMoved(remote, "noise.csv", ".done", "bad", "without-orders"))
                    .isEqualTo("bad");
            assertThat(remote.resolve("bad/other.csv.errors.csv")).content().contains("1,,it is no export of orders");
            assertThat(product.log())
                    .contains(
                            "File other.csv is bad: it is no export of orders", "File noise.csv is bad: it has bytes");
            assertThat(refused(product, webhook))
                    .contains("other.csv", "it is no export of orders", "noise.csv", "it has bytes that are no letter");
            assertThat(Files.exists(remote.resolve("other.csv"))).isFalse();
            assertThat(product.log()).doesNotContain("is tried again");
        } finally {
            server.close();
        }
    }
}
