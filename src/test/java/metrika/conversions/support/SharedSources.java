package metrika.conversions.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * One product with all sources over HTTP switched on, for all tests that leave nothing behind but webhooks of their
 * own.
 */
public final class SharedSources {

    public static final List<String> NAMES = List.of(
            "amocrm",
            "bitrix24",
            "form",
            "retailcrm",
            "till-xml",
            "till-csv",
            "http-columns",
            "cloudpayments",
            "tilda");
    /** What CloudPayments signs its notifications with. */
    public static final String CLOUDPAYMENTS_SECRET = "0123456789abcdef+%/=";

    public static final int MANAGEMENT_PORT = Product.freePort();
    public static final Product PRODUCT = start();

    private SharedSources() {}

    private static Product start() {
        var builder = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .in(project())
                .with("management.port", MANAGEMENT_PORT)
                .with("inbound.form.date-time", "now")
                .with("inbound.form.bad-rows", "leave-out")
                .with("inbound.amocrm.bad-rows", "leave-out")
                .with("inbound.cloudpayments.secret", CLOUDPAYMENTS_SECRET)
                .with(
                        "inbound.till-csv.columns",
                        "user_id=Клиент, target=Цель, date_time=Дата и время, price=Сумма, purchase_id=Чек,"
                                + " currency='RUB'");
        builder.with("inbound.http-columns.format", "json");
        builder.with(
                "inbound.http-columns.columns",
                "client_id=visitor.cid, target=state('paid'='purchase', *=-), purchase_id=number, date_time='now',"
                        + " price=sum, currency='RUB'");
        for (var source : NAMES) {
            builder.with("inbound." + source + ".enabled", true);
        }
        Shared.PRODUCT.port(); // the tables are there when it has started
        return builder.start();
    }

    /** An installation with sources that are lines of its settings. */
    private static Path project() {
        try {
            var project = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "sources-");
            Product.copyProject(project);
            Files.writeString(
                    project.resolve("application.properties"),
                    PageBlocks.with("docs/sources/http-columns.md", "properties", "inbound.bank.type")
                            + "inbound.bank.format=form\n" // which the page leaves at its default
                            + PageBlocks.with("docs/sources/robokassa.md", "properties", "inbound.robokassa")
                            + "inbound.robokassa.format=form\n",
                    StandardOpenOption.APPEND);
            Files.writeString(project.resolve("application.properties"), """

                    inbound.xml-columns.type=http-columns
                    inbound.xml-columns.enabled=true
                    inbound.xml-columns.rows=order
                    inbound.csv-columns.type=http-columns
                    inbound.csv-columns.enabled=true
                    inbound.csv-columns.format=csv
                    inbound.csv-columns.columns=client_id=cid, target='sale', purchase_id=n, date_time='now'
                    """, StandardOpenOption.APPEND);
            return project;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static TestWebhook webhook() {
        return PRODUCT.webhook(
                "{\"name\": \"source\", \"counter_id\": 601, \"token\": \"t601\", \"time_zone\": \"Europe/Moscow\"}");
    }

    /** Posts a text in UTF-8. */
    public static Answer post(String source, TestWebhook webhook, String type, String body) {
        return send(source, webhook, type, HttpRequest.BodyPublishers.ofString(body));
    }

    public static Answer post(String source, TestWebhook webhook, String type, byte[] body) {
        return send(source, webhook, type, HttpRequest.BodyPublishers.ofByteArray(body));
    }

    /** @param source such as {@code form}, or {@code form?target=x} */
    private static Answer send(String source, TestWebhook webhook, String type, HttpRequest.BodyPublisher body) {
        var request = request(source, webhook).POST(body);
        return PRODUCT.send(type == null ? request : request.header("Content-Type", type));
    }

    /** A request to a source, with the secret of its webhook. */
    public static HttpRequest.Builder request(String source, TestWebhook webhook) {
        var parts = source.split("\\?", 2);
        return PRODUCT.request("/inbound/" + parts[0] + "/" + webhook.id() + "?secret=" + webhook.secret()
                + (parts.length > 1 ? "&" + parts[1] : ""));
    }

    /** The conversions of a webhook, in the order in which they came. */
    public static List<Map<String, Object>> stored(TestWebhook webhook) {
        return Shared.DATABASE.query("""
            select c.client_id, c.user_id, c.yclid, c.purchase_id, c.target, c.date_time,
                   c.price::text as price, c.currency
              from conversion c join batch b on b.id = c.batch_id
             where b.webhook_id = ?::uuid order by b.id, c.position\
            """, webhook.id());
    }
}
