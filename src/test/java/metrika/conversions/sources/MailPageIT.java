package metrika.conversions.sources;

import java.io.ByteArrayInputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import jakarta.mail.internet.MimeMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.docs.PageCommands;
import metrika.conversions.support.MailServer;
import metrika.conversions.support.PageBlocks;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The mail route of one's own of docs/sources/mail.md as it stands, on a real IMAP server. */
class MailPageIT {

    private static final String ORDER = "Order: %s\r\nSum: %s\r\nym_uid: %s";
    private static final String WINDOWS = "text/plain; charset=windows-1251";

    @TempDir
    private static Path folder;

    private static MailServer server;
    private static TestWebhook webhook;
    private static Product product;
    private static String checked;

    private static String block(String language, String text) {
        return PageBlocks.with("docs/sources/mail.md", language, text);
    }

    @BeforeAll
    static void start() throws Exception {
        server = new MailServer();
        Product.copyProject(folder);
        var file = folder.resolve("routes/sources/in-order-mail.camel.yaml");
        var route = block("yaml", "id: in-order-mail");
        assertThat(route.lines().count()).isLessThanOrEqualTo(40);
        Files.writeString(file, route);
        Files.writeString(
                folder.resolve("application.properties"),
                "\n" + block("properties", "inbound.order-mail"),
                StandardOpenOption.APPEND);
        checked = new PageCommands(folder).bash(block("bash", "order.eml"), "");
        // A poll in a minute would be long
        Files.writeString(file, route.replace("unseen: false", "unseen: false\n        delay: \"200\""));
        webhook = Shared.PRODUCT.webhook(602);
        product = server.trustedBy(Product.idle(Shared.DATABASE, Shared.METRIKA.url()))
                .in(folder)
                .with("inbound.order-mail.webhook", webhook.id())
                .with("inbound.order-mail.host", "127.0.0.1:" + server.port())
                .with("inbound.order-mail.username", MailServer.USER)
                .with("inbound.order-mail.password", MailServer.PASSWORD)
                .start();
    }

    @AfterAll
    static void stop() {
        product.close();
        server.close();
    }

    private static void deliver(String subject, String type, String text) throws Exception {
        deliver("Shop <robot@shop.example>", subject, type, text);
    }

    /** With headers that Camel takes for its own: they must not say where a mail goes. */
    private static void deliver(String from, String subject, String type, String text) throws Exception {
        var mail = "From: " + from + "\r\nSubject: " + subject + "\r\nDate: Tue, 1 Jul 2025 12:34:56 +0300\r\n"
                + "moveTo: Elsewhere\r\ncopyTo: Elsewhere\r\ndelete: true\r\nMIME-Version: 1.0\r\nContent-Type: " + type
                + "\r\n\r\n" + text;
        server.deliver(new MimeMessage(null, new ByteArrayInputStream(mail.getBytes(Charset.forName("windows-1251")))));
    }

    private static void awaitIn(String place, String subject) {
        await(subject).until(() -> {
            assertThat(product.process().isAlive()).as(product.log()).isTrue();
            return !server.subjects("INBOX").contains(subject);
        });
        assertThat(server.subjects(place))
                .as("%s%n%s", refused(), product.log())
                .contains(subject);
    }

    private static String stored(String prefix) {
        return Shared.DATABASE.value(
                "select string_agg(concat_ws(' ', c.client_id, c.price, c.currency), ', ' order by c.purchase_id)"
                        + " from conversion c join batch b on b.id = c.batch_id"
                        + " where b.webhook_id = ?::uuid and c.purchase_id like ?",
                webhook.id(),
                prefix + "%");
    }

    private static String refused() {
        var at = webhook.at(product);
        return at.product().send(at.request("/refused?limit=100")).body();
    }

    @Test
    void checkMakesAMailOfASample() {
        assertThat(checked)
                .contains("no faults", "1764399000123456789,,,4711,order,1751362496,1500.00,RUB")
                .doesNotContain("refused:");
    }

    @Test
    void anOrderInATextIsStoredOnceAndItsMailIsMoved() throws Exception {
        deliver("plain", WINDOWS, "Спасибо!\r\n" + ORDER.formatted("Я-1", "1 500,00", "1.1"));
        deliver(
                "with html",
                "multipart/alternative; boundary=b",
                "--b\r\nContent-Type: text/plain\r\n\r\n" + ORDER.formatted("A-2", "20", "1.2")
                        + "\r\n--b\r\nContent-Type: text/html\r\n\r\n<b>Order: A-3</b>\r\n--b--\r\n");
        deliver("html", "text/html", "<table><tr><td>Order: A-5\r\nSum: 7\r\nym_uid: 1.5\r\n</table>");
        awaitIn("Done", "plain");
        awaitIn("Done", "with html");
        awaitIn("Done", "html");
        deliver("plain again", WINDOWS, ORDER.formatted("Я-1", "1 500,00", "1.1"));
        deliver("no visitor", WINDOWS, "Order: A-4\r\nSum: 1\r\n");
        awaitIn("Done", "plain again");
        awaitIn("Done", "no visitor");
        assertThat(stored("A-")).isEqualTo("1.2 20 RUB, 1.5 7 RUB");
        assertThat(stored("Я-")).isEqualTo("1.1 1500.00 RUB");
        assertThat(server.subjects("Elsewhere")).isEmpty();
    }

    @Test
    void whatCanNeverBeStoredIsKeptAndMoved() throws Exception {
        deliver("first", "text/plain", ORDER.formatted("B-1", "5", "1.1"));
        awaitIn("Done", "first");
        deliver("other sum", "text/plain", ORDER.formatted("B-1", "6", "1.1"));
        deliver("bad sum", WINDOWS, ORDER.formatted("B-2", "много", "1.1"));
        deliver("news", "text/plain", "Our summer sale has begun");
        deliver("Other <a@other.example>", "stranger", "text/plain", ORDER.formatted("B-3", "7", "1.1"));
        deliver("no text", "multipart/mixed; boundary=b", "--b\r\nContent-Type: image/png\r\n\r\n1\r\n--b--\r\n");
        deliver("broken", "text/plain\r\nContent-Transfer-Encoding: x-unknown", ORDER);
        for (var subject : new String[] {"other sum", "bad sum", "news", "stranger", "no text", "broken"}) {
            awaitIn("Failed", subject);
        }
        assertThat(stored("B-")).isEqualTo("1.1 5 RUB");
        assertThat(refused())
                .contains(
                        "it came before with another time, price or other values",
                        "Order: B-2\\r\\nSum: много",
                        "The text of the mail cannot be read",
                        "it is no order of the shop",
                        "Our summer sale",
                        "Order: B-3")
                .doesNotContain("Order: A-");
        assertThat(server.subjects("Elsewhere")).isEmpty();
        assertThat(product.log()).doesNotContain("\tat ");
    }

    @Test
    void whatSomethingOfOursIsAtFaultForStaysAndIsTriedAgain() throws Exception {
        Shared.PRODUCT.patch(webhook.path(), "{\"is_active\": false}");
        try {
            deliver("waits", "text/plain", ORDER.formatted("C-1", "5", "1.1"));
            await().until(() -> product.log().contains("in-order-mail is tried again: This webhook is disabled"));
            assertThat(server.subjects("INBOX")).contains("waits");
        } finally {
            Shared.PRODUCT.patch(webhook.path(), "{\"is_active\": true}");
        }
        awaitIn("Done", "waits");
        assertThat(stored("C-")).isEqualTo("1.1 5 RUB");
        assertThat(server.subjects("Failed")).doesNotContain("waits");
    }
}
