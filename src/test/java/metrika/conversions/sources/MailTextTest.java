package metrika.conversions.sources;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;

import jakarta.mail.internet.MimeMessage;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a route gets as the text of a mail. */
class MailTextTest {

    private static final String HTML = "Content-Type: text/html\n\n<b>1</b>";
    private static final String PLAIN = "Content-Type: text/plain\n\none\ntwo";
    private static final String FILE =
            "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nfile";
    private static final String NONE = "Content-Type: image/png\n\n1";

    private static String read(String mail) throws Exception {
        Exchange exchange = new DefaultCamelContext().getEndpoint("direct:x").createExchange();
        exchange.getMessage()
                .setBody(new MimeMessage(null, new ByteArrayInputStream(mail.getBytes(StandardCharsets.UTF_8))));
        return new MailText().read(exchange);
    }

    private static String parts(String boundary, String... parts) {
        return "Content-Type: multipart/mixed; boundary=%1$s\n\n--%1$s\n%2$s\n--%1$s--\n"
                .formatted(boundary, String.join("\n--" + boundary + "\n", parts));
    }

    @Test
    void thePlainTextCountsThenHtmlAndFilesAreNone() throws Exception {
        assertThat(read(PLAIN)).isEqualTo("one\ntwo\n");
        assertThat(read(parts("a", NONE))).isEmpty();
        assertThat(read(parts("a", FILE, NONE, HTML, parts("b", HTML, PLAIN)))).isEqualTo("one\ntwo\n");
        assertThat(read(parts("a", parts("b", HTML), FILE))).isEqualTo("<b>1</b>\n");
    }

    @ParameterizedTest
    @CsvSource({"text/plain; charset=x-unknown, й", "text/plain; charset=utf-8, й"})
    void anUnknownEncodingIsTakenForTheUsualOne(String type, String text) throws Exception {
        assertThat(read("Content-Type: " + type + "\n\n" + text)).isEqualTo(text + "\n");
    }

    @Test
    void aBrokenMailIsAtFault() {
        assertThatThrownBy(() -> read("Content-Transfer-Encoding: x-unknown\n\none"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("The text of the mail cannot be read: ");
    }
}
