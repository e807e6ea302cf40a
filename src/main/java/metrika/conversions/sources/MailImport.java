package metrika.conversions.sources;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.MessageRemovedException;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.ContentType;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.internet.MimePart;
import jakarta.mail.internet.MimeUtility;
import jakarta.mail.util.SharedFileInputStream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A mail with files: the variable {@code mail}. */
public final class MailImport {

    private static final Logger LOG = LoggerFactory.getLogger(MailImport.class);
    private static final Pattern FILE = Pattern.compile("(?i).+\\.(csv|json|jsonl)");
    private static final Pattern PICTURE = Pattern.compile("(?i).+\\.(png|jpe?g|gif|svg|webp)");
    /** Signs that may make a log line, or a path, say something else. */
    private static final Pattern NOT_PLAIN = Pattern.compile("[^\\p{L}\\p{N} ._()@<>+=-]");
    private static final int LONGEST_NAME = 150;
    private static final int DEEPEST_PART = 10;
    /** No encoding makes more of a file than this many times its bytes. */
    private static final int MOST_ENCODED = 4;

    private final Message message;
    private final Path directory;
    private final long mostBytes;
    private final String id;
    private final List<String> faults = new ArrayList<>();
    private final List<Path> saved = new ArrayList<>();
    private final List<InputStream> opened = new ArrayList<>();
    /** Refused rows as CSV, by the name of the file that they are from. */
    private final Map<String, Path> refused = new LinkedHashMap<>();

    MailImport(Message message, Path directory, long mostBytes) throws MessagingException {
        this.message = message;
        this.directory = directory;
        this.mostBytes = mostBytes;
        var ids = message.getHeader("Message-ID");
        id = ids == null || ids.length == 0 ? "without a Message-ID" : plain(ids[0]);
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
        var parts = new ArrayList<Part>();
        var others = new ArrayList<String>();
        if (isTaken()) {
            try {
                gather(message.getFolder() != null && hasMail(message, 0) ? copied() : message, parts, others, 0);
            } catch (MessagingException | UnsupportedEncodingException e) {
                if (e instanceof MessagingException trouble && !isOfTheMail(trouble)) {
                    throw e;
                }
                refuse("its parts cannot be read: " + plain(String.valueOf(e.getMessage())));
                parts.clear();
            }
            if (parts.isEmpty() && isTaken()) {
                refuse("it has no attachment whose name ends in .csv, .json or .jsonl"
                        + (others.isEmpty() ? "" : ", but " + String.join(", ", others)));
            } else if (!others.isEmpty()) {
                LOG.info("{}: these attachments are left alone: {}", this, String.join(", ", others));
            }
        }
        return parts.stream().map(part -> file(part, context)).filter(file -> file != null).iterator();
    }

    /** @param fault why nothing of it can be read, or {@code null} */
    void note(ImportedFile file, String fault) {
        if (file.getRefused() > 0) {
            faults.add(fault != null ? fault : "%d rows of %s were refused".formatted(file.getRefused(), file));
            refused.put(file + ".errors.csv", file.getErrors());
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
        note.setSubject("Refused rows of: " + (message.getSubject() == null ? id : message.getSubject()), StandardCharsets.UTF_8.name());
        note.setFrom("metrika-conversions@localhost");
        note.setSentDate(message.getSentDate());
        if (message.getHeader("Message-ID") != null) {
            note.setHeader("In-Reply-To", message.getHeader("Message-ID")[0]);
        }
        var text = new MimeBodyPart();
        text.setText(String.join("\n", faults), StandardCharsets.UTF_8.name());
        var parts = new MimeMultipart(text);
        for (var file : refused.entrySet()) {
            var part = new MimeBodyPart();
            part.attachFile(file.getValue().toFile(), "text/csv; charset=UTF-8", "base64");
            part.setFileName(MimeUtility.encodeText(file.getKey(), StandardCharsets.UTF_8.name(), null));
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
        for (var stream : opened) {
            try {
                stream.close();
            } catch (IOException e) {
                LOG.warn("A copy of {} was not closed", this, e);
            }
        }
        saved.addAll(refused.values());
        for (var file : saved) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                LOG.warn("{} was not cleared away", file, e);
            }
        }
    }

    @Override
    public String toString() {
        return "Mail " + id;
    }

    /** Takes mails that are attached, whole or as files, for what is in them. */
    private void gather(Part part, List<Part> files, List<String> others, int depth) throws MessagingException, IOException {
        if (depth > DEEPEST_PART) {
            refuse("its parts, or the mails in it, are nested more than %d deep".formatted(DEEPEST_PART));
        } else if (part.isMimeType("multipart/*")) {
            var parts = (Multipart) part.getContent();
            for (int i = 0; i < parts.getCount(); i++) {
                gather(parts.getBodyPart(i), files, others, depth + 1);
            }
        } else if (isMail(part) && depth > 0) {
            var attached = attached(part);
            if (attached != null) {
                gather(attached, files, others, depth + 1);
            }
        } else if (FILE.matcher(name(part)).matches()) {
            files.add(part);
        } else if (!name(part).isEmpty() && !part.isMimeType("image/*") && !PICTURE.matcher(name(part)).matches()) {
            others.add(name(part) + advice(name(part).toLowerCase(Locale.ROOT)));
        }
    }

    /** Whether a mail is attached, whole or as a file. */
    private static boolean hasMail(Part part, int depth) throws MessagingException, IOException {
        if (!part.isMimeType("multipart/*")) {
            return isMail(part);
        }
        var parts = (Multipart) part.getContent();
        for (int i = 0; i < parts.getCount() && depth < DEEPEST_PART; i++) {
            if (hasMail(parts.getBodyPart(i), depth + 1)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isMail(Part part) throws MessagingException, IOException {
        return part.isMimeType("message/rfc822") || name(part).toLowerCase(Locale.ROOT).endsWith(".eml");
    }

    /** A mail as it lies on its server, whole: what is in attached mails is not had part by part from all servers. */
    private Message copied() throws MessagingException, IOException {
        var path = saved("mail-");
        try (var file = Files.newOutputStream(path)) {
            message.writeTo(file);
        }
        return parsed(path);
    }

    /** @return {@code null} when it is too large, which is noted */
    private Message attached(Part part) throws MessagingException, IOException {
        var path = saved("attached-");
        try (var stream = part.getInputStream()) {
            if (!copy(stream, path, mostBytes)) {
                tooLarge(name(part).isEmpty() ? "an attached mail" : name(part));
                return null;
            }
        }
        return parsed(path);
    }

    private Message parsed(Path path) throws MessagingException, IOException {
        var stream = new SharedFileInputStream(path.toFile());
        opened.add(stream);
        return new MimeMessage(null, stream);
    }

    /** What can be done about an attachment that is not taken. */
    private static String advice(String name) {
        if (name.equals("winmail.dat")) {
            return " (Outlook's own format: send the mail as plain text or HTML)";
        }
        if (name.endsWith(".p7m")) {
            return " (the mail is encrypted, or signed as a whole: send it without)";
        }
        return name.matches(".*\\.(zip|gz|rar|7z)") ? " (an archive: attach the files in it)"
                : name.matches(".*\\.(xlsx?|ods)") ? " (a workbook: save it as CSV)"
                : name.endsWith(".msg") ? " (Outlook's own format: attach the file in it)" : "";
    }

    /** The name of a part that is a file; one whose type alone says what it is gets a name by that. Else empty. */
    private static String name(Part part) throws MessagingException, IOException {
        var name = part.getFileName() == null ? "" : plain(MimeUtility.decodeText(part.getFileName()).strip());
        var ending = part.isMimeType("text/csv") ? ".csv" : part.isMimeType("application/json") ? ".json" : "";
        return ending.isEmpty() || FILE.matcher(name).matches() ? name : (name.isEmpty() ? "unnamed" : name) + ending;
    }

    /** The charset that a file is said to be in; {@code null} where that is missing, or what programs say that do not know. */
    private static String charset(Part part) {
        try {
            var charset = part.getContentType() == null ? null : new ContentType(part.getContentType()).getParameter("charset");
            var known = charset != null && !charset.matches("(?i)us-ascii|iso-8859-1")
                    && FileImportSteps.isEncoding(MimeUtility.javaCharset(charset));
            return known ? MimeUtility.javaCharset(charset) : null;
        } catch (MessagingException e) {
            return null; // a type that cannot be read says nothing
        }
    }

    /** @return {@code null} when it is damaged or too large, which is noted */
    private org.apache.camel.Message file(Part part, CamelContext context) {
        try {
            var name = name(part);
            var encoded = saved("encoded-");
            try (var stream = encoded(part)) {
                if (!copy(stream, encoded, MOST_ENCODED * mostBytes)) {
                    return tooLarge(name);
                }
            } catch (MessagingException e) {
                if (!isOfTheMail(e)) {
                    throw e;
                }
                return damaged(name, e);
            }
            // From here on the mail server has no part in it: what fails now, fails each time.
            var path = saved("mail-");
            try (var stream = decoded(encoded, ((MimePart) part).getEncoding())) {
                if (!copy(stream, path, mostBytes)) {
                    return tooLarge(name);
                }
            } catch (MessagingException | DamagedException e) {
                return damaged(name, e);
            } finally {
                Files.deleteIfExists(encoded);
            }
            var file = new DefaultMessage(context);
            file.setHeader(Exchange.FILE_NAME_ONLY, name);
            file.setHeader(Exchange.CHARSET_NAME, charset(part));
            file.setBody(path.toFile());
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("an attachment of " + this + " cannot be read", e);
        } catch (MessagingException e) {
            throw new UncheckedIOException("an attachment of " + this + " cannot be read", new IOException(e));
        }
    }

    private static InputStream encoded(Part part) throws MessagingException {
        return part instanceof MimeBodyPart body ? body.getRawInputStream() : ((MimeMessage) part).getRawInputStream();
    }

    private static InputStream decoded(Path encoded, String encoding) throws MessagingException, IOException {
        var stream = Files.newInputStream(encoded);
        try {
            return encoding == null ? stream : new FilterInputStream(MimeUtility.decode(stream, encoding)) {
                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    try {
                        return super.read(buffer, offset, length);
                    } catch (IOException e) {
                        throw new DamagedException(e.getMessage());
                    }
                }
            };
        } catch (MessagingException e) {
            stream.close();
            throw e;
        }
    }

    /** What was sent is not in the encoding that it is said to be in. */
    private static final class DamagedException extends IOException {

        private static final long serialVersionUID = 1L;

        private DamagedException(String message) {
            super(message);
        }
    }

    /** @return whether the stream has no more than that many bytes */
    private static boolean copy(InputStream stream, Path path, long most) throws IOException {
        try (var file = Files.newOutputStream(path)) {
            var left = most;
            var buffer = new byte[8192];
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                left -= read;
                if (left < 0) {
                    return false;
                }
                file.write(buffer, 0, read);
            }
        }
        return true;
    }

    private Path saved(String prefix) throws IOException {
        var path = Files.createTempFile(directory, prefix, ".file");
        saved.add(path);
        return path;
    }

    private org.apache.camel.Message tooLarge(String name) {
        refuse("%s is larger than %d bytes".formatted(name, mostBytes));
        return null;
    }

    private org.apache.camel.Message damaged(String name, Exception failure) {
        refuse("%s is damaged: %s".formatted(name, plain(String.valueOf(failure.getMessage()))));
        return null;
    }

    /** Whether it is the mail that cannot be read, and never will be, rather than its folder, or the server, at the moment. */
    private boolean isOfTheMail(MessagingException failure) {
        return !(failure instanceof MessageRemovedException) && (message.getFolder() == null || message.getFolder().isOpen());
    }
}
