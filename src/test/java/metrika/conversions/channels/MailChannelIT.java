package metrika.conversions.channels;

import java.io.IOException;
import java.time.Duration;
import java.util.UUID;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.News;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Mails about incidents, on a real SMTP server. */
class MailChannelIT {

    private final TestDatabase database = TestDatabase.create();
    private final News news = new News(database);

    private static GreenMail mailServer() {
        var setup = new ServerSetup(Product.freePort(), "127.0.0.1", ServerSetup.PROTOCOL_SMTP);
        setup.setServerStartupTimeout(60_000);
        var server = new GreenMail(setup);
        server.setUser("ops@example.com", "ops", "se(cr)et&%+ 1");
        server.start();
        return server;
    }

    private Product.Builder withMail(int port) {
        return Product.on(database, Shared.METRIKA.url())
                .with("notify.schedule", "* * * * * ?")
                .with("notify.language", "en")
                .with("notify.mail.to", "ops@example.com, boss@example.com")
                .with("notify.mail.from", "Metrika <metrika@example.com>")
                .with("notify.mail.host", "127.0.0.1")
                .with("notify.mail.port", port)
                .with("notify.mail.protocol", "smtp")
                .with("notify.mail.start-tls", false);
    }

    @Test
    void mailsAreSentWithAndWithoutAPassword() throws MessagingException, IOException {
        var server = mailServer();
        try {
            UUID event;
            try (var product = withMail(server.getSmtp().getPort()).start()) {
                news.awaitChannel("mail");
                event = news.incident();
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> server.getReceivedMessages().length == 2
                                || product.log().contains("could not tell"));
                assertThat(product.log()).doesNotContain("could not tell");
                news.awaitState("mail", event, "delivered");
            }
            MimeMessage mail = server.getReceivedMessages()[0];
            assertThat(mail.getSubject()).isEqualTo("Metrika refuses the token: Магазин");
            assertThat(mail.getHeader("X-Event-Id", null)).isEqualTo(event.toString());
            assertThat(mail.getFrom()[0]).hasToString("Metrika <metrika@example.com>");
            assertThat(mail.getAllRecipients()).hasSize(2);
            assertThat((String) mail.getContent())
                    .contains("Since: 2025-07-01 09:00 (UTC)", "What to do: Give the webhook");

            try (var product = withMail(server.getSmtp().getPort())
                    .with("notify.mail.username", "ops")
                    .with("notify.mail.password", "se(cr)et&%+ 1")
                    .start()) {
                news.awaitState("mail", news.incident(), "delivered");
                assertThat(product.log()).doesNotContain("could not tell");
            }
            try (var product = withMail(server.getSmtp().getPort())
                    .with("notify.mail.username", "ops")
                    .with("notify.mail.password", "wrong password")
                    .start()) {
                news.incident();
                await().until(() -> product.log().contains("The channel mail could not tell"));
                assertThat(product.log())
                        .contains("AuthenticationFailedException")
                        .doesNotContain("wrong password");
            }
        } finally {
            server.stop();
        }
    }
}
