package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import org.apache.camel.Exchange;
import org.apache.camel.attachment.Attachment;
import org.apache.camel.attachment.AttachmentMessage;
import org.apache.camel.component.mail.MailEndpoint;
import org.apache.camel.component.mail.MailMessage;

/** A sample that is a mail, as a route gets it that takes mails from a server. */
final class SampleMail {

    private static final Pattern MAILBOX = Pattern.compile("(?:imap|pop3)s?:[^?]*(?:\\?(.*))?");
    /** Options that change what a route gets of a mail. */
    private static final Set<String> OPTIONS = Set.of(
            "mapMailMessage",
            "decodeFilename",
            "mimeDecodeHeaders",
            "failOnDuplicateFileAttachment",
            "generateMissingAttachmentNames",
            "handleDuplicateAttachmentNames");

    private final String address;

    private SampleMail(String address) {
        this.address = address;
    }

    /**
     * Of a connector that takes mails; {@code null} of any other.
     *
     * @param uri where it takes things from
     * @param filled fills placeholders in
     */
    static SampleMail of(String uri, UnaryOperator<String> filled) {
        var mailbox = MAILBOX.matcher(uri);
        if (!mailbox.matches()) {
            return null;
        }
        // The server need not be known yet
        return new SampleMail("imap:sample?"
                + Arrays.stream(
                                mailbox.group(1) == null
                                        ? new String[0]
                                        : mailbox.group(1).split("&"))
                        .filter(option -> OPTIONS.contains(option.replaceFirst("=.*", "")))
                        .map(filled)
                        .collect(Collectors.joining("&")));
    }

    /** Makes it what the consumer of a mailbox makes of a mail. */
    void fill(Exchange exchange, Path sample) throws IOException, MessagingException {
        var endpoint = exchange.getContext().getEndpoint(address, MailEndpoint.class);
        MimeMessage mail;
        try (var bytes = Files.newInputStream(sample)) {
            mail = new MimeMessage((Session) null, bytes);
        }
        var isMapped = endpoint.getConfiguration().isMapMailMessage();
        exchange.getExchangeExtension().setFromEndpoint(endpoint); // its options are asked for when headers are read
        exchange.setProperty(Exchange.BINDING, endpoint.getBinding());
        exchange.setIn(new MailMessage(exchange, mail, isMapped));
        if (isMapped) {
            var attachments = new HashMap<String, Attachment>();
            endpoint.getBinding().extractAttachmentsFromMail(mail, attachments);
            if (!attachments.isEmpty()) {
                exchange.getIn(AttachmentMessage.class).setAttachmentObjects(attachments);
            }
        }
    }
}
