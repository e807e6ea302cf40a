package metrika.conversions.pull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.auth.StoredWebhook;
import metrika.conversions.support.Product;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The source of docs/pulling.md that selects from a database, and one. */
class SqlPullIT {

    private final TestDatabase database = TestDatabase.create();
    private final TestDatabase orders = TestDatabase.empty();

    @TempDir
    private Path folder;

    private Product.Builder product(String webhook) {
        return Product.idle(database, "http://127.0.0.1:1")
                .in(folder)
                .with("inbound.shop.webhook", webhook)
                .with("inbound.shop.from", "2025-01-01T00:00:00Z")
                .with("inbound.shop.schedule", "* * * * * ?")
                .with("pull.lease", "PT3S")
                .with("data-source.shop.url", orders.url())
                .with("data-source.shop.username", "");
    }

    private String webhook() throws IOException {
        Product.copyProject(folder);
        Files.writeString(
                folder.resolve("routes/sources/in-shop.camel.yaml"), PullingPage.route("in-shop", "sql-pull"));
        Files.writeString(
                folder.resolve("application.properties"),
                Files.readString(folder.resolve("application.properties")) + "\n"
                        + PullingPage.settings("inbound.shop.") + PullingPage.settings("data-source.shop."));
        return StoredWebhook.ofDev(database, 1).id();
    }

    @Test
    void eachRowIsStoredOnceAndMarkedWhenItIsStored() throws IOException {
        orders.update("""
            create table orders (id integer primary key, visitor text, paid_at text, sum numeric(9, 2),
                                 changed timestamptz, exported boolean not null default false)\
            """);
        orders.update("""
            insert into orders
            select id, '1.' || id, '2025-11-01T12:00:00Z', 9.99, timestamptz '2025-11-01' + id / 3 * interval '1 minute'
              from generate_series(1, 95) as id\
            """);
        orders.update("update orders set visitor = '' where id = 50");
        try (var product = product(webhook()).start()) {
            await().until(() -> orders.<Long>value("select count(*) from orders where exported") == 94);
            assertThat(database.query("select purchase_id from conversion")).hasSize(94);
            assertThat(database.<Long>value("select count(distinct purchase_id) from conversion"))
                    .isEqualTo(94);
            assertThat(orders.<Boolean>value("select exported from orders where id = 50"))
                    .as("what is not stored is not marked")
                    .isFalse();
            await().untilAsserted(() -> assertThat(product.log()).containsPattern("[12] without identifier"));

            orders.update(
                    "insert into orders values (100, '1.100', '2025-11-01T12:00:00Z', 1, '2025-11-01 00:31', false)");
            await().until(() -> orders.<Long>value("select count(*) from orders where exported") == 95);
            assertThat(product.log()).doesNotContain("\tat ", " ERROR ");
            assertThat(product.log())
                    .as("it is counted, not told, row by row")
                    .doesNotContain("the row 50 is not stored");

            orders.update("update orders set sum = 1 where id = 5");
            orders.update(
                    "insert into orders values (101, '1.101', '2025-11-01T12:00:00Z', 1, '2025-11-01 00:31', false)");
            database.update("update source_cursor set position = begins_at, claim_number = claim_number + 1,"
                    + " lease_expires_at = null");
            await().until(() -> product.log().contains("1 changed since"));
            assertThat(product.log())
                    .as("a changed row says nothing of those on later pages")
                    .containsPattern("rows read, 1 stored, \\d{2,3} known already, 1 changed since, 0 refused")
                    .containsOnlyOnce(
                            "the row 5 has changed since it was stored, what was stored stays. It differs in price");

            orders.update("alter table orders rename to sales");
            await().until(() -> product.log().contains("the database says: ERROR: relation \"orders\" does not exist"));
        }
    }

    /** A table whose rows come twice, and again when they have changed in the middle of a pull. */
    private void ordersThatComeAgain() {
        orders.update("""
            create table kept (id integer primary key, visitor text, paid_at text, sum numeric(9, 2),
                               changed timestamptz, exported boolean not null default false)\
            """);
        orders.update("""
            insert into kept
            select id, '1.' || id, '2025-11-01T12:00:00Z', 9.99, timestamptz '2025-11-01' + id * interval '1 minute'
              from generate_series(1, 200) as id\
            """);
        orders.update("create view orders as select * from kept union all select * from kept where id % 7 = 0");
        orders.update("create function mark() returns trigger language plpgsql as $$ begin "
                + "update kept set exported = new.exported, sum = sum + 1, "
                + "changed = changed + case when id % 5 = 0 then interval '90 minutes' else interval '0' end "
                + "where id = new.id and not exported; return new; end $$");
        orders.update("create trigger mark instead of update on orders for each row execute function mark()");
    }

    @Test
    void eachRowIsStoredOnceByTwoReplicasThatAreKilledInMidPage() throws IOException {
        ordersThatComeAgain();
        var webhook = webhook();
        for (int kill = 0; kill < 4; kill++) {
            var before = database.<Long>value("select count(*) from conversion");
            var replicas = Stream.of(product(webhook), product(webhook))
                    .map(Product.Builder::start)
                    .toList();
            await().until(() -> before == 200 || database.<Long>value("select count(*) from conversion") > before);
            replicas.forEach(Product::kill);
        }
        try (var one = product(webhook).start();
                var two = product(webhook).start()) {
            await().until(() -> orders.<Long>value("select count(*) from kept where exported") == 200);
            assertThat(database.query("select purchase_id from conversion")).hasSize(200);
            assertThat(database.<Long>value("select count(distinct purchase_id) from conversion"))
                    .isEqualTo(200);
            assertThat(one.log() + two.log()).doesNotContain("\tat ");
        }
    }
}
