package metrika.conversions.sources;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;

import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.internet.MimeUtility;
import org.apache.camel.CamelContext;

import metrika.conversions.text.Counted;

/** A mail with files: the variable {@code mail}. */
public final class MailImport {

    /** Signs that may make a log line, or a path, say something else. */
    private static final Pattern NOT_PLAIN = Pattern.compile("[^\\p{L}\\p{N} ._()@<>+=-]");

    private static final int LONGEST_NAME = 150;

    private final Message message;
    private final String id;
    private final MailAttachments attachments;
    private final List<String> faults = new ArrayList<>();
    /** Files of rows to be cleared away with the mail. */
    private final List<Path> saved = new ArrayList<>();
    /** Of files of one name, as in two archives, each has its own. */
    private final List<RefusedRows> refused = new ArrayList<>();

    /** Refused rows as CSV, under a name by which they are rows of their file when they come back. */
    private record RefusedRows(String name, Path rows) {}

    MailImport(Message message, Path directory, long maxBytes, boolean takesXml) throws MessagingException {
        this.message = message;
        var ids = message.getHeader("Message-ID");
        id = ids == null || ids.length == 0 ? "without a Message-ID" : plain(ids[0]);
        attachments = new MailAttachments(this, directory, maxBytes, takesXml);
    }

    /** A text from outside, fit for a line of the log and for a file's name. */
    static String plain(String text) {
        var plain = NOT_PLAIN.matcher(text).replaceAll("_");
        return plain.length() <= LONGEST_NAME ? plain : plain.substring(plain.length() - LONGEST_NAME);
    }

    Message message() {
        return message;
    }

    /** Nothing of it is taken. */
    void refuse(String reason) {
        faults.add(reason);
    }

    /** Whether all of it was taken. */
    boolean isTaken() {
        return faults.isEmpty();
    }

    /** All that is wrong with it; {@code null} when all of it was taken. */
    public String getFault() {
        return isTaken() ? null : this + ": " + String.join("; ", faults);
    }

    List<String> faults() {
        return faults;
    }

    /** The attachments that are files of conversions, each saved when it is its turn. */
    Iterator<org.apache.camel.Message> files(CamelContext context) throws MessagingException, IOException {
        return attachments.files(context);
    }

    /** @param fault why nothing of it can be read, or {@code null} */
    void recordFile(ImportedFile file, String fault) {
        if (file.getRefused() > 0) {
            faults.add(
                    fault != null
                            ? fault
                            : "%s of %s %s refused"
                                    .formatted(
                                            Counted.of(file.getRefused(), "row"),
                                            file,
                                            file.getRefused() == 1 ? "was" : "were"));
            var name = file.toString();
            refused.add(new RefusedRows(name.substring(name.lastIndexOf('/') + 1) + ".errors.csv", file.getErrors()));
        } else {
            saved.add(file.getErrors());
        }
    }

    /** Lays a mail with the refused rows into a folder of the same mailbox. */
    void layRefusedRows(String folder) throws MessagingException, IOException {
        if (refused.isEmpty() || message.getFolder() == null) {
            return;
        }
        var note = new MimeMessage((Session) null);
        note.setSubject(
                "Refused rows of: " + (message.getSubject() == null ? id : message.getSubject()),
                StandardCharsets.UTF_8.name());
        note.setFrom("metrika-conversions@localhost");
        note.setSentDate(message.getSentDate());
        if (message.getHeader("Message-ID") != null) {
            note.setHeader("In-Reply-To", message.getHeader("Message-ID")[0]);
        }
        var text = new MimeBodyPart();
        text.setText(String.join("\n", faults), StandardCharsets.UTF_8.name());
        var parts = new MimeMultipart(text);
        for (var file : refused) {
            var part = new MimeBodyPart();
            part.attachFile(file.rows().toFile(), "text/csv; charset=UTF-8", "base64");
            part.setFileName(MimeUtility.encodeText(file.name(), StandardCharsets.UTF_8.name(), null));
            parts.addBodyPart(part);
        }
        note.setContent(parts);
        note.saveChanges();
        var target = message.getFolder().getStore().getFolder(folder);
        if (!target.exists()) {
            target.create(Folder.HOLDS_MESSAGES);
        }
        target.appendMessages(new Message[] {note});
    }

    /** It is done with on this machine. */
    void close() {
        attachments.close();
        refused.forEach(file -> saved.add(file.rows()));
        attachments.delete(saved);
    }

    @Override
    public String toString() {
        return "Mail " + id;
    }
}
