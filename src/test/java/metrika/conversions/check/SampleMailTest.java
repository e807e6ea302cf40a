package metrika.conversions.check;

import java.nio.file.Files;
import java.nio.file.Path;

import jakarta.mail.Multipart;
import jakarta.mail.internet.MimeMessage;
import org.apache.camel.Exchange;
import org.apache.camel.attachment.AttachmentMessage;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What a route that takes mails gets of a sample. */
class SampleMailTest {

    private static final String HEAD = """
            From: =?utf-8?B?0JzQsNCz0LDQt9C40L0=?= <robot@shop.example>
            Date: Tue, 1 Jul 2025 12:34:56 +0300
            MIME-Version: 1.0
            """;
    private static final String PARTS = HEAD + """
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain

            Order: 1
            --b
            Content-Type: text/csv
            Content-Disposition: attachment; filename=a.csv

            1
            --b--
            """;

    @TempDir
    private Path folder;

    private Exchange filled(String uri, String text) throws Exception {
        var sample = Files.writeString(folder.resolve("mail.eml"), text);
        var exchange = new DefaultCamelContext().getEndpoint("direct:trial").createExchange();
        var mail = SampleMail.of(uri, option -> option.replace("{{mapped}}", "false"));
        SampleExchange.fill(exchange, sample, false, mail);
        return exchange;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "imaps:{{host}}?mimeDecodeHeaders=true&username=a&password=RAW({{b}})&mail.imaps.ssl.checkserveridentity=true",
                "imap:{{host}}:143?mimeDecodeHeaders=true",
                "pop3:host?delete=true&mimeDecodeHeaders=true",
                "pop3s://host?mapMailMessage=true&mimeDecodeHeaders=true"
            })
    void theBodyIsTheContentAndHeadersAreTheMails(String uri) throws Exception {
        var message = filled(uri, HEAD + "Content-Type: text/plain; charset=utf-8\n\nЗаказ: 1")
                .getMessage();
        assertThat(message.getBody()).isEqualTo("Заказ: 1");
        assertThat(message.getHeader("From")).isEqualTo("Магазин <robot@shop.example>");
        assertThat(message.getHeader(Exchange.MESSAGE_TIMESTAMP)).isEqualTo(1751362496000L);
    }

    @Test
    void partsAreAMultipartWithAttachments() throws Exception {
        var exchange = filled("imaps:host", PARTS);
        assertThat(exchange.getMessage().getBody()).isInstanceOf(Multipart.class);
        assertThat(exchange.getMessage().getBody(String.class)).startsWith("Order: 1");
        assertThat(exchange.getMessage(AttachmentMessage.class).getAttachmentNames())
                .containsExactly("a.csv");
    }

    @Test
    void aRouteThatDoesNotMapItGetsTheMail() throws Exception {
        var exchange = filled("imaps:host?mapMailMessage={{mapped}}&unseen=false", PARTS);
        assertThat(exchange.getMessage().getBody()).isInstanceOf(MimeMessage.class);
        assertThat(exchange.getMessage().getBody(String.class)).startsWith("Order: 1");
        assertThat(exchange.getMessage().getHeader(Exchange.MESSAGE_TIMESTAMP)).isEqualTo(1751362496000L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:imap", "kamelet:imap-source", "smtps:host", "direct:pop3"})
    void otherRoutesGetNoMail(String uri) {
        assertThat(SampleMail.of(uri, option -> option)).isNull();
    }
}
