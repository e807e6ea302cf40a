package metrika.conversions.pull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.auth.StoredWebhook;
import metrika.conversions.support.Product;
import metrika.conversions.support.TestDatabase;

import static metrika.conversions.pull.ShopApi.ok;
import static metrika.conversions.pull.ShopApi.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The sources of docs/pulling.md that are settings alone. */
class PullBySettingsIT {

    private final TestDatabase database = TestDatabase.create();
    private final TestDatabase sales = TestDatabase.empty();

    @TempDir
    private Path folder;

    private static Map<String, Object> order(int id) {
        return Map.of(
                "id",
                id,
                "number",
                "B-" + id,
                "state",
                id == 3 ? "new" : "paid",
                "visitor",
                Map.of("cid", "1." + id),
                "paid_at",
                "2025-07-01T11:00:00+03:00",
                "changed_at",
                "2025-07-01T12:0" + id + ":00+03:00",
                "sum",
                10);
    }

    private List<String> stored(String beginning) {
        return database.query("select purchase_id from conversion order by purchase_id").stream()
                .map(row -> (String) row.get("purchase_id"))
                .filter(id -> id.startsWith(beginning))
                .toList();
    }

    @Test
    void anApiAndADatabaseAreRead() throws Exception {
        Product.copyProject(folder);
        Files.writeString(
                folder.resolve("application.properties"),
                "\n" + PullingPage.settings("inbound.books.") + PullingPage.settings("inbound.stock."),
                StandardOpenOption.APPEND);
        sales.update("""
            create table sales (id text, visitor text, state text, paid_at timestamptz, total numeric(9, 2), changed timestamptz)\
            """);
        sales.update("""
            insert into sales
            select 'S-' || id, '2.' || id, case id when 3 then 'new' else 'paid' end, now(), 9.99, now() + id * interval '1 second'
              from generate_series(1, 5) as id\
            """);
        var webhook = StoredWebhook.ofDev(database, 1).id();
        try (var books = new ShopApi(exchange -> ok(Map.of(
                        "orders",
                        query(exchange).get("page").equals("1")
                                ? List.of(order(1), order(2))
                                : List.of(order(3), order(4)),
                        "meta",
                        Map.of("last_page", 2))));
                var product = Product.idle(database, "http://127.0.0.1:1")
                        .in(folder)
                        .with("inbound.books.webhook", webhook)
                        .with("inbound.books.address", books.url() + "/api/orders?changed_from={cursor}&page={page}")
                        .with("inbound.books.from", "2025-01-01T00:00:00Z")
                        .with("inbound.books.schedule", "* * * * * ?")
                        .with("inbound.stock.webhook", webhook)
                        .with("inbound.stock.schedule", "* * * * * ?")
                        .with("data-source.stock.url", sales.url())
                        .with("data-source.stock.username", "")
                        .start()) {
            await().untilAsserted(() -> {
                assertThat(stored("B")).containsExactly("B-1", "B-2", "B-4");
                assertThat(stored("S")).containsExactly("S-1", "S-2", "S-4", "S-5");
            });
            await("the overlap")
                    .until(() -> books.asked().stream()
                            .anyMatch(each -> each.startsWith(
                                    "/api/orders?changed_from=2025-07-01T11%3A54%3A00%2B03%3A00&page=1 Bearer KEY")));
            assertThat(product.get("/cursors").body()).contains("\"books\"", "\"stock\"");
            assertThat(product.log()).doesNotContain(" ERROR ", "Bearer KEY");
        }
    }
}
