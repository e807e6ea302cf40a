package metrika.conversions.sources;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.UnsupportedEncodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;

import jakarta.mail.Message;
import jakarta.mail.MessageRemovedException;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimePart;
import jakarta.mail.util.SharedFileInputStream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The attachments of a mail that are files of conversions, and the copies that are made of them on this machine. */
final class MailAttachments {

    private static final Logger LOG = LoggerFactory.getLogger(MailAttachments.class);
    private static final Pattern PICTURE = Pattern.compile("(?i).+\\.(png|jpe?g|gif|svg|webp)");
    /** No encoding makes more of a file than this many times its bytes. */
    private static final int MAX_ENCODED = 4;

    private final MailImport mail;
    private final Message message;
    private final Path directory;
    private final long maxBytes;
    private final boolean takesXml;
    private final List<Path> saved = new ArrayList<>();
    private final List<InputStream> opened = new ArrayList<>();
    /** How many bytes archives had in them, unpacked. */
    private long unpacked;

    /**
     * @param directory where copies lie meanwhile
     * @param maxBytes of one file
     * @param takesXml whether XML is a file of conversions
     */
    MailAttachments(MailImport mail, Path directory, long maxBytes, boolean takesXml) {
        this.mail = mail;
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.takesXml = takesXml;
        message = mail.message();
    }

    /** The attachments that are files of conversions, each saved when it is its turn. */
    Iterator<org.apache.camel.Message> files(CamelContext context) throws MessagingException, IOException {
        var parts = new ArrayList<Function<CamelContext, org.apache.camel.Message>>();
        var others = new ArrayList<String>();
        if (mail.isTaken()) {
            try {
                gather(
                        message.getFolder() != null && MailParts.hasMail(message, 0) ? copied() : message,
                        parts,
                        others,
                        0);
            } catch (MessagingException | UnsupportedEncodingException e) {
                if (e instanceof MessagingException trouble && !isOfTheMail(trouble)) {
                    throw e;
                }
                mail.refuse("its parts cannot be read: " + MailImport.plain(String.valueOf(e.getMessage())));
                parts.clear();
            }
            if (parts.isEmpty() && mail.isTaken()) {
                mail.refuse("it has no attachment whose name ends in .csv, .json"
                        + (takesXml ? ", .jsonl or .xml" : " or .jsonl")
                        + (others.isEmpty() ? "" : ", but " + String.join(", ", others)));
            } else if (!others.isEmpty()) {
                LOG.info("{}: these attachments are left alone: {}", mail, String.join(", ", others));
            }
        }
        return parts.stream()
                .map(part -> part.apply(context))
                .filter(file -> file != null)
                .iterator();
    }

    /** The copies are not needed any more. */
    void close() {
        for (var stream : opened) {
            try {
                stream.close();
            } catch (IOException e) {
                LOG.warn("A copy of {} was not closed", mail, e);
            }
        }
        delete(saved);
    }

    /** Clears files away. What cannot be is said, and keeps nothing else. */
    void delete(List<Path> files) {
        for (var file : files) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                LOG.warn("{} was not cleared away", file, e);
            }
        }
    }

    /** Takes mails that are attached, whole or as files, and ZIP archives, for what is in them. */
    private void gather(
            Part part, List<Function<CamelContext, org.apache.camel.Message>> files, List<String> others, int depth)
            throws MessagingException, IOException {
        if (depth > MailParts.DEEPEST) {
            mail.refuse("its parts, or the mails in it, are nested more than %d deep".formatted(MailParts.DEEPEST));
        } else if (part.isMimeType("multipart/*")) {
            var parts = (Multipart) part.getContent();
            for (int i = 0; i < parts.getCount(); i++) {
                gather(parts.getBodyPart(i), files, others, depth + 1);
            }
        } else if (MailParts.isMail(part) && depth > 0) {
            var attached = attached(part);
            if (attached != null) {
                gather(attached, files, others, depth + 1);
            }
        } else if (MailParts.isFile(MailParts.name(part)) && (takesXml || !MailParts.isXml(MailParts.name(part)))) {
            files.add(context -> file(part, context));
        } else if (MailParts.isZip(part)) {
            unpack(part, files, others);
        } else if (!MailParts.name(part).isEmpty()
                && !part.isMimeType("image/*")
                && !PICTURE.matcher(MailParts.name(part)).matches()) {
            others.add(
                    MailParts.name(part) + MailParts.advice(MailParts.name(part).toLowerCase(Locale.ROOT)));
        }
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
            if (!copy(stream, path, maxBytes)) {
                tooLarge(MailParts.name(part).isEmpty() ? "an attached mail" : MailParts.name(part));
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

    private void unpack(Part part, List<Function<CamelContext, org.apache.camel.Message>> files, List<String> others)
            throws MessagingException, IOException {
        var path = save(part);
        if (path == null) {
            return;
        }
        var archive = new MailArchive(MailParts.name(part), takesXml, unpacked);
        try {
            for (var file : archive.unpack(path, maxBytes, () -> saved("mail-"))) {
                files.add(context -> {
                    var message = message(context, file.name(), file.content());
                    message.setHeader(FilePlace.ARCHIVE, file.folder());
                    return message;
                });
            }
            others.addAll(archive.others());
        } catch (MailArchive.RefusedException e) {
            mail.refuse(e.getMessage());
        } finally {
            unpacked = archive.unpacked();
        }
    }

    /** @return {@code null} when it is damaged or too large, which is noted */
    private org.apache.camel.Message file(Part part, CamelContext context) {
        try {
            var path = save(part);
            if (path == null) {
                return null;
            }
            var file = message(context, MailParts.name(part), path);
            file.setHeader(Exchange.CHARSET_NAME, MailParts.charset(part));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("an attachment of " + mail + " cannot be read", e);
        } catch (MessagingException e) {
            throw new UncheckedIOException("an attachment of " + mail + " cannot be read", new IOException(e));
        }
    }

    private static org.apache.camel.Message message(CamelContext context, String name, Path path) {
        var file = new DefaultMessage(context);
        file.setHeader(Exchange.FILE_NAME_ONLY, name);
        file.setBody(path.toFile());
        return file;
    }

    /** @return {@code null} when it is damaged or too large, which is noted */
    private Path save(Part part) throws MessagingException, IOException {
        var name = MailParts.name(part);
        var encoded = saved("encoded-");
        try (var stream = MailParts.encoded(part)) {
            if (!copy(stream, encoded, MAX_ENCODED * maxBytes)) {
                tooLarge(name);
                return null;
            }
        } catch (MessagingException e) {
            if (!isOfTheMail(e)) {
                throw e;
            }
            damaged(name, e);
            return null;
        }
        // From here on the mail server has no part in it: what fails now, fails each time.
        var path = saved("mail-");
        try (var stream = MailParts.decoded(encoded, ((MimePart) part).getEncoding())) {
            if (copy(stream, path, maxBytes)) {
                return path;
            }
            tooLarge(name);
        } catch (MessagingException | MailParts.DamagedException e) {
            damaged(name, e);
        } finally {
            Files.deleteIfExists(encoded);
        }
        return null;
    }

    /** @return whether the stream has no more than that many bytes */
    private static boolean copy(InputStream stream, Path path, long max) throws IOException {
        try (var file = Files.newOutputStream(path)) {
            var left = max;
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

    private void tooLarge(String name) {
        mail.refuse("%s is larger than %d bytes".formatted(name, maxBytes));
    }

    private void damaged(String name, Exception failure) {
        mail.refuse("%s is damaged: %s".formatted(name, MailImport.plain(String.valueOf(failure.getMessage()))));
    }

    /**
     * Whether it is the mail that cannot be read, and never will be, rather than its folder, or the server, at the
     * moment.
     */
    private boolean isOfTheMail(MessagingException failure) {
        return !(failure instanceof MessageRemovedException)
                && (message.getFolder() == null || message.getFolder().isOpen());
    }
}
