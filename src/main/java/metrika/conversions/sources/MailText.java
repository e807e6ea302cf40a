package metrika.conversions.sources;

import java.io.IOException;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

import jakarta.mail.Message;
import jakarta.mail.MessageRemovedException;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import org.apache.camel.Exchange;

import metrika.conversions.problem.ProblemException;

/**
 * The text of a mail, for routes that take values out of it. Camel's own conversion of a mail with parts to a text
 * fails for all mails once it has met one without a text.
 */
public final class MailText {

    /**
     * The text of the mail that is the body: of one with parts the first plain text, else the first HTML; else nothing.
     * Each line ends in a line feed, the last one too.
     *
     * @throws ProblemException 400 when the mail is broken
     * @throws MessagingException when its server is away
     */
    public String read(Exchange exchange) throws MessagingException, IOException {
        var body = exchange.getMessage().getBody();
        try {
            return of(body).lines().map(line -> line + "\n").collect(Collectors.joining());
        } catch (MessagingException | IOException e) {
            if (e instanceof MessageRemovedException
                    || body instanceof Message mail
                            && mail.getFolder() != null
                            && !mail.getFolder().isOpen()) {
                throw e;
            }
            throw ProblemException.of(
                    400, "The text of the mail cannot be read: " + MailImport.plain(String.valueOf(e.getMessage())));
        }
    }

    /** @param body a mail, or what is in it */
    static String of(Object body) throws MessagingException, IOException {
        if (!(body instanceof Part) && !(body instanceof Multipart)) {
            return body == null ? "" : body.toString();
        }
        var plain = first(body, "text/plain", 0);
        var text = plain == null ? first(body, "text/html", 0) : plain;
        return text == null ? "" : text;
    }

    /** @return {@code null} when there is none; files are no text */
    private static String first(Object in, String type, int depth) throws MessagingException, IOException {
        if (in instanceof Multipart parts) {
            for (int i = 0; i < parts.getCount() && depth <= MailParts.DEEPEST; i++) {
                var text = first(parts.getBodyPart(i), type, depth + 1);
                if (text != null) {
                    return text;
                }
            }
            return null;
        }
        var part = (Part) in;
        if (part.isMimeType("multipart/*")) {
            return first(part.getContent(), type, depth);
        }
        return part.isMimeType(type) && !Part.ATTACHMENT.equalsIgnoreCase(part.getDisposition()) ? text(part) : null;
    }

    private static String text(Part part) throws MessagingException, IOException {
        try {
            return part.getContent().toString();
        } catch (UnsupportedEncodingException e) { // an encoding that there is not
            try (var bytes = part.getInputStream()) {
                return new String(bytes.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }
}
