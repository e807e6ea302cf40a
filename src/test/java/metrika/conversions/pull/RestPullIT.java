package metrika.conversions.pull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.auth.StoredWebhook;
import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.TestDatabase;

import static metrika.conversions.pull.ShopApi.ok;
import static metrika.conversions.pull.ShopApi.order;
import static metrika.conversions.pull.ShopApi.orders;
import static metrika.conversions.pull.ShopApi.query;
import static metrika.conversions.pull.ShopApi.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The source of docs/pulling.md that pulls a REST API, against one. */
class RestPullIT {

    private final TestDatabase database = TestDatabase.create();

    @TempDir
    private Path folder;

    private Product.Builder product(ShopApi shop, String webhook) {
        return Product.idle(database, "http://127.0.0.1:1")
                .in(folder)
                .with("inbound.shop.enabled", true)
                .with("inbound.shop.webhook", webhook)
                .with("inbound.shop.url", shop.url())
                .with("inbound.shop.token", "secret-of-the-shop")
                .with("inbound.shop.schedule", "* * * * * ?")
                .with("pull.lease", "PT3S");
    }

    private String webhook() throws IOException {
        return webhook("Authorization");
    }

    /** @param header that the shop wants the credentials in */
    private String webhook(String header) throws IOException {
        Product.copyProject(folder);
        Files.writeString(
                folder.resolve("routes/sources/in-shop.camel.yaml"),
                PullingPage.route("in-shop", "rest-pull")
                        .replace(
                                "        authorization:",
                                "        authorizationHeader: " + header + "\n        authorization:"));
        Files.writeString(
                folder.resolve("application.properties"),
                Files.readString(folder.resolve("application.properties")) + "\n"
                        + PullingPage.settings("inbound.shop."));
        return StoredWebhook.ofDev(database, 1).id();
    }

    private List<String> stored() {
        return database.query("select purchase_id from conversion").stream()
                .map(row -> (String) row.get("purchase_id"))
                .toList();
    }

    @Test
    void itReadsAllPagesGoesOnFromItsCursorAndTellsWhatFails() throws IOException {
        var webhook = webhook();
        var isPaused = new AtomicBoolean();
        try (var shop = new ShopApi(exchange -> {
                    var page = Integer.parseInt(query(exchange).get("page"));
                    if (page == 3 && !isPaused.getAndSet(true)) {
                        return status(429, "Retry-After", "1"); // so many requests a minute
                    }
                    return ok(Map.of(
                            "data",
                            page < 3
                                    ? Map.of("orders", orders(10 * page - 9, 10 * page), "next", page + 1)
                                    : Map.of("orders", orders(21, 25))));
                });
                var product = product(shop, webhook).start()) {
            await().until(() -> stored().size() >= 25);
            assertThat(shop.asked())
                    .startsWith(
                            "/orders?from=1700000000&page=1&sort=changed Bearer secret-of-the-shop null",
                            "/orders?from=1700000000&page=2&sort=changed Bearer secret-of-the-shop null",
                            "/orders?from=1700000000&page=3&sort=changed Bearer secret-of-the-shop null",
                            "/orders?from=1700000000&page=3&sort=changed Bearer secret-of-the-shop null");
            assertThat(product.log())
                    .contains(
                            "in-shop: it answers 429 in the midst of its pages: the next one is asked for again after 1 s")
                    .doesNotContain("could not be pulled");
            await().until(() -> shop.asked().stream().anyMatch(each -> each.startsWith("/orders?from=1700000900&")));
            await().until(() -> product.get("/cursors").body().contains("\"1700001500\""));
            shop.answer(exchange -> status(429, "Retry-After", "1"));
            await().until(() -> product.log()
                    .contains("it answers 429: it was asked too often (GET %s/orders); it pauses until 20"
                            .formatted(shop.url())));
            await().until(() -> product.get("/cursors").body().contains("it answers 429: it was asked too often"));
            assertThat(product.health()).contains("DOWN");
            shop.answer(exchange -> ok(Map.of("data", Map.of("orders", orders(26, 26)))));
            await().until(() -> stored().size() >= 26);
            assertThat(stored()).doesNotHaveDuplicates().hasSize(26);
            await().until(() -> !product.health().contains("DOWN"));
            assertThat(product.log())
                    .containsPattern("; it pauses until 20[0-9TZ:-]+, then goes on by itself\n")
                    .containsPattern("in-shop: can be pulled again, after [1-9] failures?\n");

            // Set back, it reads again, and doubles nothing
            shop.answer(exchange -> ok(Map.of("data", Map.of("orders", orders(1, 27)))));
            assertThat(setCursor(product, "shop", "soon").status()).isEqualTo(400);
            assertThat(setCursor(product, "toy-shop", "1700000000").status()).isEqualTo(404);
            assertThat(setCursor(product, "shop", "1699999999").status()).isEqualTo(200);
            await("a pull from there")
                    .until(() ->
                            shop.asked().stream().anyMatch(each -> each.startsWith("/orders?from=1699999999&page=1")));
            await().until(() -> stored().size() >= 27);
            assertThat(stored()).doesNotHaveDuplicates().hasSize(27);
            assertThat(product.get("/audit").body()).contains("set-cursor", "\"to\":");
            assertThat(product.log()).doesNotContain("secret-of-the-shop", "\tat ");
        }
    }

    /** Else nobody would be told: the pages before it are stored again and again, and no pull comes to its end. */
    @Test
    void aPageThatFailsEachTimeIsAFailureUntilAPullEnds() throws IOException {
        var webhook = webhook();
        try (var shop = new ShopApi(exchange -> query(exchange).get("page").equals("1")
                        ? ok(Map.of("data", Map.of("orders", orders(1, 10), "next", 2)))
                        : status(500));
                var product = product(shop, webhook).start()) {
            await().until(() -> database.<Integer>value("select max(failure_count) from source_cursor") != null
                    && database.<Integer>value("select max(failure_count) from source_cursor") > 1);
            assertThat(stored()).hasSize(10);
            shop.answer(exchange -> ok(Map.of("data", Map.of("orders", orders(1, 11)))));
            await().until(() -> product.log().contains("in-shop: can be pulled again, after "));
            assertThat(database.<Integer>value("select failure_count from source_cursor"))
                    .isZero();
        }
    }

    private static Answer setCursor(Product product, String source, String position) {
        return product.send(product.request("/cursors/" + source)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"position\": \"%s\"}".formatted(position))));
    }

    /** Pages of a random few rows in a random order, some of them twice. */
    private static ShopApi.Page lies(Random random) {
        var rows = new ArrayList<>(orders(1, 200));
        Collections.shuffle(rows, random);
        rows.addAll(rows.subList(0, 30));
        return ok(Map.of("data", Map.of("orders", rows)));
    }

    @Test
    void eachRowIsStoredOnceByTwoReplicasThatAreKilledInMidPage() throws IOException {
        var webhook = webhook("X-Api-Key");
        var random = new Random(1);
        try (var shop = new ShopApi(exchange -> lies(random))) {
            for (int kill = 0; kill < 4; kill++) {
                var before = database.<Long>value("select count(*) from conversion");
                var replicas = Stream.of(product(shop, webhook), product(shop, webhook))
                        .map(Product.Builder::start)
                        .toList();
                await().until(() -> before == 200 || database.<Long>value("select count(*) from conversion") > before);
                replicas.forEach(Product::kill);
            }
            try (var one = product(shop, webhook).start();
                    var two = product(shop, webhook).start()) {
                await().until(() -> database.<Boolean>value(
                        "select position = '1700012000' and pulled_at is not null from source_cursor"));
                assertThat(stored()).doesNotHaveDuplicates().hasSize(200);
                assertThat(shop.asked()).allMatch(each -> each.endsWith("null Bearer secret-of-the-shop"));
                assertThat(one.log() + two.log()).doesNotContain("\tat ", " ERROR ");
            }
        }
    }

    @Test
    void itTellsWhatBecameOfEachRow() throws IOException {
        var webhook = webhook();
        var nobody = new TreeMap<>(order(2));
        nobody.put("visitor", "");
        var wrong = new TreeMap<>(order(3));
        wrong.put("sum", "much");
        try (var shop = new ShopApi(exchange ->
                        ok(Map.of("data", Map.of("orders", List.of(order(1), nobody, wrong, order(1), order(4))))));
                var product = product(shop, webhook).start()) {
            await().until(() -> product.log()
                    .contains(
                            "in-shop: 5 rows read, 2 stored, 1 known already, 0 changed since, 1 refused, 1 without identifier, 0 left out;"
                                    + " the cursor is at 1700000240"));
            await().until(() -> product.get("/cursors")
                    .body()
                    .contains("\"last_pull\":{\"read\": 5, \"known\": 3, \"stored\": 0, \"changed\": 0,"
                            + " \"refused\": 1, \"left_out\": 0, \"without_identifier\": 1}"));
            assertThat(product.observe("metrics"))
                    .as("once, however often it is read")
                    .containsPattern("left_out_total\\{.*reason=\"no_identifier\".*source=\"shop\".* 1.0")
                    .containsPattern("left_out_total\\{.*reason=\"invalid\".*source=\"shop\".* 1.0");
        }
    }

    @Test
    void pagesThatAreNumberedAreCountedWhateverTheirOrder() throws Exception {
        var webhook = webhook();
        var route = folder.resolve("routes/sources/in-shop.camel.yaml");
        Files.writeString(
                route,
                Files.readString(route)
                        .replace("        next: data.next\n", "        countPages: true\n        pageSize: 10\n")
                        .replace("cursorFormat: unix", "cursorFormat: local\n        cursorZone: Europe/Moscow")
                        .replaceFirst("authorization: .*", "username: shop\n        password: RAW(open sesame)")
                        .replace("from: \"{{inbound.shop.from}}\"", "from: \"2023-11-01 00:00:00\""));
        var isProxyAway = new AtomicBoolean(true);
        try (var shop = new ShopApi(exchange -> {
                    var page = Integer.parseInt(query(exchange).get("page"));
                    if (page == 3) {
                        return isProxyAway.getAndSet(false)
                                ? status(404)
                                : new ShopApi.Page(404, Map.of(), "{\"detail\": \"Invalid page.\"}");
                    }
                    var rows = new ArrayList<>(orders(10 * page - 9, Math.min(10 * page, 20)));
                    Collections.reverse(rows);
                    return ok(Map.of("data", Map.of("orders", atLocalTimes(rows))));
                });
                var product = product(shop, webhook)
                        .with("inbound.shop.schedule", "0/5 * * * * ?")
                        .start()) {
            await().until(() -> stored().size() >= 20);
            await().until(() -> product.get("/cursors").body().contains("\"2023-11-15 01:33:20\""));
            assertThat(shop.asked().subList(0, 3)).allMatch(each -> each.contains("from=2023-11-01%2000%3A00%3A00&"));
            assertThat(shop.asked()).anyMatch(each -> each.contains("page=3"));
            assertThat(shop.asked()).allMatch(each -> each.contains(" Basic c2hvcDpvcGVuIHNlc2FtZQ== "));
            assertThat(product.log()).contains("it answers 404");
            shop.answer(exchange -> ok(Map.of("data", Map.of("orders", atLocalTimes(orders(1, 10))))));
            await().until(() -> product.log().contains("has the rows of the one before it"));
            assertThat(stored()).doesNotHaveDuplicates().hasSize(20);
        }
    }

    @Test
    void anApiThatIsAskedByPostGetsABodyForEachPage() throws Exception {
        var webhook = webhook();
        Files.writeString(
                folder.resolve("routes/sources/in-stall.camel.yaml"), PullingPage.route("in-stall", "rest-pull"));
        var posted = new CopyOnWriteArrayList<String>();
        var changed = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        try (var shop = new ShopApi(exchange -> {
                    var body = posted(exchange);
                    posted.add("%s %s %s %s %s"
                            .formatted(
                                    exchange.getRequestMethod(),
                                    exchange.getRequestHeaders().getFirst("Content-Type"),
                                    exchange.getRequestHeaders().getFirst("Client-Id"),
                                    exchange.getRequestHeaders().getFirst("Api-Key"),
                                    body));
                    var before = Integer.parseInt(body.replaceFirst("(?s).*\"offset\": ([0-9]+) }", "$1"));
                    return ok(Map.of(
                            "result", Map.of("orders", delivered(before, Math.min(100, 130 - before), changed))));
                });
                var product = Product.idle(database, "http://127.0.0.1:1")
                        .in(folder)
                        .with("inbound.stall.enabled", true)
                        .with("inbound.stall.webhook", webhook)
                        .with("inbound.stall.url", shop.url())
                        .with("inbound.stall.client-id", "42")
                        .with("inbound.stall.key", "secret, of the stall")
                        .with("inbound.stall.schedule", "* * * * * ?")
                        .start()) {
            await().until(() -> stored().size() >= 130);
            assertThat(stored()).doesNotHaveDuplicates().hasSize(130);
            assertThat(posted.get(0))
                    .matches("POST application/json 42 secret, of the stall \\{\"filter\": \\{\"changed_from\":"
                            + " \"20[0-9T:.-]+Z\"}, \"sort\": \"changed\", \"limit\": 100, \"offset\": 0 }");
            assertThat(posted.get(1)).endsWith("\"offset\": 100 }");
            await().untilAsserted(() ->
                    assertThat(posted).last().asString().contains("\"" + changed.minusSeconds(600) + "\""));
            shop.answer(exchange -> status(405));
            await().until(() ->
                    product.log().contains("it answers 405 (POST %s/v3/orders/list)".formatted(shop.url())));
            assertThat(product.log()).doesNotContain("of the stall", "changed_from");
        }
    }

    private static String posted(HttpExchange exchange) {
        try {
            return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Orders as a marketplace tells them. */
    private static List<Map<String, Object>> delivered(int after, int count, Instant changed) {
        return IntStream.rangeClosed(after + 1, after + count)
                .mapToObj(id -> Map.<String, Object>of(
                        "id",
                        id,
                        "number",
                        "A-" + id,
                        "changed",
                        changed.toString(),
                        "delivered",
                        "2025-07-01T11:00:00+03:00",
                        "state",
                        "delivered",
                        "sum",
                        100,
                        "buyer",
                        Map.of("ym_client_id", "1." + id)))
                .toList();
    }

    /** Rows of one pull count once, and what became of a row says nothing of those on later pages. */
    @Test
    void eachRowOfCountedPagesCountsOnceForWhatBecameOfIt() throws Exception {
        var webhook = webhook();
        var route = folder.resolve("routes/sources/in-shop.camel.yaml");
        Files.writeString(
                route,
                Files.readString(route)
                        .replace("        next: data.next\n", "        countPages: true\n        pageSize: 10\n"));
        var rows = new ArrayList<>(orders(1, 25));
        rows.get(1).put("sum", "much");
        try (var shop = new ShopApi(exchange -> counted(exchange, "1700000000", rows));
                var product = product(shop, webhook).start()) {
            await().until(
                            () -> product.log()
                                    .contains(
                                            "in-shop: 25 rows read, 24 stored, 0 known already, 0 changed since, 1 refused, 0 without"));
            assertThat(database.<Long>value("select sum(times) from refused_row"))
                    .as("although the pages are read twice")
                    .isEqualTo(1);

            var later = new ArrayList<>(orders(1, 26));
            later.get(0).put("sum", "200.00");
            later.get(24).put("visitor", "");
            shop.answer(exchange -> counted(exchange, "1699999999", later));
            assertThat(setCursor(product, "shop", "1699999999").status()).isEqualTo(200);
            await().until(() -> product.log().contains("in-shop: 26 rows read"));
            assertThat(product.log())
                    .contains("26 rows read, 2 stored, 22 known already, 1 changed since, 0 refused, 1 without");
        }
    }

    /** Ten rows a page; none but for those who ask from a cursor. */
    private static ShopApi.Page counted(HttpExchange exchange, String from, List<Map<String, Object>> rows) {
        var page = Integer.parseInt(query(exchange).get("page"));
        var some = query(exchange).get("from").equals(from)
                ? rows.subList(Math.min(rows.size(), 10 * page - 10), Math.min(rows.size(), 10 * page))
                : List.of();
        return ok(Map.of("data", Map.of("orders", some)));
    }

    /** The same orders, changed at the time that a clock in Moscow shows. */
    private static List<Map<String, Object>> atLocalTimes(List<Map<String, Object>> orders) {
        return orders.stream()
                .map(order -> {
                    var local = new TreeMap<>(order);
                    local.put(
                            "changed",
                            LocalDateTime.ofEpochSecond(
                                            Long.parseLong(order.get("changed").toString()), 0, ZoneOffset.ofHours(3))
                                    .format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss")));
                    return (Map<String, Object>) local;
                })
                .toList();
    }

    @Test
    void aCursorThatIsSetDuringAPullEndsIt() throws Exception {
        var webhook = webhook();
        var isSet = new CountDownLatch(1);
        var asked = new CountDownLatch(1);
        try (var shop = new ShopApi(exchange -> {
                    asked.countDown();
                    awaited(isSet);
                    return ok(Map.of("data", Map.of("orders", orders(1, 3))));
                });
                var product = product(shop, webhook).with("pull.lease", "PT5M").start()) {
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(setCursor(product, "shop", "1700009999").status()).isEqualTo(200);
            shop.answer(exchange -> ok(Map.of("data", Map.of("orders", List.of()))));
            isSet.countDown();
            await().until(() -> product.log().contains("in-shop: this pull ends: its cursor was set"));
            assertThat(stored()).as("what was read is stored").hasSize(3);
            assertThat(database.<String>value("select position from source_cursor"))
                    .isEqualTo("1700009999");
            assertThat(product.log()).doesNotContain("could not be pulled", "\tat ", " ERROR ");
        }
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aLeaseThatIsLostInMidPageDoublesNothing() throws Exception {
        var webhook = webhook();
        try (var shop = new ShopApi(exchange -> ok(Map.of("data", Map.of("orders", orders(1, 60)))));
                var first = product(shop, webhook).with("pull.lease", "PT15S").start()) {
            await().pollInterval(Duration.ofMillis(2)).until(() -> !stored().isEmpty());
            signal(first, "STOP");
            assertThat(stored()).as("stopped in the midst of the page").hasSizeLessThan(60);
            try (var second = product(shop, webhook).with("pull.lease", "PT15S").start()) {
                await().until(() -> second.log().contains("60 rows read"));
                assertThat(second.log()).containsPattern("60 rows read, \\d+ stored, [1-9]\\d* known already");
                signal(first, "CONT");
                // Where it waited for the database, that is long over
                await().until(() -> first.log().contains("in-shop: this pull ends")
                        || first.log().contains("no answer from the database"));
                assertThat(stored()).doesNotHaveDuplicates().hasSize(60);
                assertThat(database.<String>value("select position from source_cursor"))
                        .isEqualTo("1700003600");
                assertThat(first.log() + second.log()).doesNotContain("\tat ", " ERROR ");
                assertThat(second.log()).doesNotContain("could not be pulled");
            }
        }
    }

    @Test
    void aPageThatTakesLongerThanItsLeaseIsStoredByOneProcess() throws Exception {
        var webhook = webhook();
        var route = folder.resolve("routes/sources/in-shop.camel.yaml");
        Files.writeString(
                route, Files.readString(route).replaceFirst("(?m)^      steps:\n", Matcher.quoteReplacement("""
                      steps:
                        - delay:
                            description: A mapping that takes its time
                            expression:
                              constant: "150"
                """)));
        try (var shop = new ShopApi(exchange -> ok(Map.of("data", Map.of("orders", orders(1, 60)))));
                var first = product(shop, webhook).start();
                var second = product(shop, webhook).start()) {
            await().until(() -> stored().size() >= 60);
            await().until(() -> (first.log() + second.log()).contains("60 rows read"));
            assertThat(first.log() + second.log()).contains("60 stored").doesNotContain("this pull ends");
        }
    }

    private static void signal(Product product, String signal) throws Exception {
        assertThat(new ProcessBuilder(
                                "kill",
                                "-" + signal,
                                String.valueOf(product.process().pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void aMappingThatFailsInMidPageLosesNothing() throws Exception {
        var webhook = webhook();
        var route = folder.resolve("routes/sources/in-shop.camel.yaml");
        Files.writeString(
                route, Files.readString(route).replaceFirst("(?m)^      steps:\n", Matcher.quoteReplacement("""
                      steps:
                        - filter:
                            description: What this mapping cannot do
                            expression:
                              simple:
                                expression: ${body[visitor]} == 'broken'
                            steps:
                              - throwException:
                                  message: as a mapping fails
                                  exceptionType: java.lang.IllegalStateException
                """)));
        var broken = new TreeMap<>(order(5));
        broken.put("visitor", "broken");
        var rows = new ArrayList<Map<String, Object>>(orders(1, 10));
        rows.set(4, broken);
        try (var shop = new ShopApi(exchange -> ok(Map.of("data", Map.of("orders", rows))));
                var product = product(shop, webhook).start()) {
            await().until(() -> database.query("select from source_cursor where failure_count > 1")
                            .size()
                    == 1);
            assertThat(stored()).containsExactlyInAnyOrder("1", "2", "3", "4");
            assertThat(database.<String>value("select position from source_cursor"))
                    .isEqualTo("1700000000");
            var told = "row 5 of its page, with the key '5', cannot be mapped: ";
            assertThat(product.get("/cursors").body()).contains(told);
            await().until(() -> product.log().split(told, -1).length - 1
                    == database.<Integer>value("select failure_count from source_cursor"));
            assertThat(product.log()).as("once for each pull").doesNotContain("\tat ");
            shop.answer(exchange -> ok(Map.of("data", Map.of("orders", orders(1, 10)))));
            await().until(() -> stored().size() >= 10);
            assertThat(stored()).doesNotHaveDuplicates().hasSize(10);
        }
    }
}
