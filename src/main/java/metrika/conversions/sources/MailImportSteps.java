package metrika.conversions.sources;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of a route that takes files out of mails. */
public final class MailImportSteps {

    private static final Logger LOG = LoggerFactory.getLogger(MailImportSteps.class);

    private final Path directory;
    private final boolean isTrial;

    /**
     * @param directory where attachments lie while they are being read
     * @param isTrial whether everybody may send files while nobody is named
     */
    public MailImportSteps(Path directory, boolean isTrial) {
        this.directory = directory;
        this.isTrial = isTrial;
    }

    /**
     * Opens the mail that is the body, as the variable {@code mail}. What is wrong with it as a whole is noted there;
     * it has no files then.
     *
     * @param senders who may send files, with commas between: {@code one@shop.example}, or all of {@code @shop.example}
     * @param maxBytes of the mail, and of each of its files
     * @param element which element of XML is a row; XML is left alone where it is missing
     * @throws IllegalArgumentException when nobody may send files
     * @throws MessagingException when the mail server is away
     */
    public void open(
            Exchange exchange,
            @Variable("senders") String senders,
            @Variable("most-bytes") long maxBytes,
            @Variable("rows") String element)
            throws MessagingException {
        var allowed = Arrays.stream(String.valueOf(senders).split(","))
                .map(sender -> sender.strip().toLowerCase(Locale.ROOT))
                .filter(sender -> sender.contains("@"))
                .toList();
        if (allowed.isEmpty() && !isTrial) {
            throw new IllegalArgumentException(
                    "Nobody may send files by mail: name the senders, such as one@shop.example or @shop.example");
        }
        var mail = new MailImport(message(exchange), directory, maxBytes, element != null && !element.isBlank());
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                mail.close();
            }
        });
        var sender = sender(mail.message());
        if (!allowed.isEmpty() && !isAllowed(sender, allowed)) {
            mail.refuse("files are not taken from '" + MailImport.plain(sender) + "'");
        } else if (mail.message().getSize() > maxBytes) {
            mail.refuse("it is larger than %d bytes".formatted(maxBytes));
        }
        exchange.setVariable("mail", mail);
    }

    /**
     * The attachments that are files of conversions, each saved as a file, as the messages that {@code store-file}
     * takes.
     */
    public Iterator<org.apache.camel.Message> files(Exchange exchange, @Variable("mail") MailImport mail)
            throws MessagingException, IOException {
        return mail.files(exchange.getContext());
    }

    /** Takes down what became of an attachment. */
    public void recordFile(
            @Variable("mail") MailImport mail,
            @Variable("file") ImportedFile file,
            @Variable(FileImportSteps.FAULT) String fault) {
        mail.recordFile(file, fault);
    }

    /**
     * Says in the log what is wrong with the mail, and lays its refused rows beside it, as a mail.
     *
     * @param folder where mails go that something of was refused
     * @return whether all of it was taken
     * @throws MessagingException when the mail server is away
     */
    public boolean finish(@Variable("mail") MailImport mail, @Variable("failed-folder") String folder)
            throws MessagingException, IOException {
        mail.faults().forEach(fault -> LOG.warn("{}: {}", mail, fault));
        if (!mail.isTaken()) {
            mail.layRefusedRows(folder);
        }
        return mail.isTaken();
    }

    private static Message message(Exchange exchange) throws MessagingException {
        if (exchange.getMessage().getBody() instanceof Message message) {
            return message;
        }
        return new MimeMessage(
                Session.getInstance(new Properties()), exchange.getMessage().getBody(InputStream.class));
    }

    /** The one address that it is from, else nothing. */
    private static String sender(Message message) throws MessagingException {
        try {
            return message.getFrom() instanceof InternetAddress[] from
                            && from.length == 1
                            && from[0].getAddress() != null
                    ? from[0].getAddress().toLowerCase(Locale.ROOT)
                    : "";
        } catch (AddressException e) {
            return "";
        }
    }

    private static boolean isAllowed(String sender, List<String> allowed) {
        return allowed.stream()
                .anyMatch(entry -> entry.startsWith("@") ? sender.endsWith(entry) : sender.equals(entry));
    }
}
