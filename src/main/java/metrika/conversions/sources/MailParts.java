package metrika.conversions.sources;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.ContentType;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeUtility;

/** What a part of a mail is: a file, a mail, or neither; and what is in it. */
final class MailParts {

    /** Deeper, nobody attaches a file. */
    static final int DEEPEST = 10;

    private static final Pattern FILE = Pattern.compile("(?i).+\\.(csv|json|jsonl|xml)");
    private static final Pattern ARCHIVE = Pattern.compile("(?i).+\\.(zip|gz|tgz|bz2|tar|rar|7z)");

    private MailParts() {}

    /** Whether a name is that of a file of conversions. */
    static boolean isFile(String name) {
        return FILE.matcher(name).matches();
    }

    /** Whether a name is that of a file of XML, which is one of conversions only where it is said what a row is. */
    static boolean isXml(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith(".xml");
    }

    /** Whether a name is that of an archive, of whatever kind. */
    static boolean isArchive(String name) {
        return ARCHIVE.matcher(name).matches();
    }

    /** Whether a part is a ZIP archive: by its name, or by its type where the name says nothing else. */
    static boolean isZip(Part part) throws MessagingException, IOException {
        var name = name(part).toLowerCase(Locale.ROOT);
        return name.endsWith(".zip")
                || isOfZipType(part) && !isFile(name) && advice(name).isEmpty();
    }

    private static boolean isOfZipType(Part part) throws MessagingException {
        return part.isMimeType("application/zip") || part.isMimeType("application/x-zip-compressed");
    }

    /** Whether a mail is attached, whole or as a file. */
    static boolean hasMail(Part part, int depth) throws MessagingException, IOException {
        if (!part.isMimeType("multipart/*")) {
            return isMail(part);
        }
        var parts = (Multipart) part.getContent();
        for (int i = 0; i < parts.getCount() && depth < DEEPEST; i++) {
            if (hasMail(parts.getBodyPart(i), depth + 1)) {
                return true;
            }
        }
        return false;
    }

    static boolean isMail(Part part) throws MessagingException, IOException {
        return part.isMimeType("message/rfc822")
                || name(part).toLowerCase(Locale.ROOT).endsWith(".eml");
    }

    /** What can be done about an attachment that is not taken. */
    static String advice(String name) {
        if (name.equals("winmail.dat")) {
            return " (Outlook's own format: send the mail as plain text or HTML)";
        }
        if (name.endsWith(".p7m")) {
            return " (the mail is encrypted, or signed as a whole: send it without)";
        }
        if (isXml(name)) {
            return " (XML: rows does not say which element is a row)";
        }
        return isArchive(name)
                ? " (an archive: attach the files in it, or a ZIP of them)"
                : name.matches(".*\\.(xlsx?|ods)")
                        ? " (a workbook: save it as CSV)"
                        : name.endsWith(".msg") ? " (Outlook's own format: attach the file in it)" : "";
    }

    /** The name of a part that is a file; one whose type alone says what it is gets a name by that. Else empty. */
    static String name(Part part) throws MessagingException, IOException {
        var name = part.getFileName() == null
                ? ""
                : MailImport.plain(MimeUtility.decodeText(part.getFileName()).strip());
        if (name.isEmpty() && isOfZipType(part)) {
            return "unnamed.zip";
        }
        var ending = part.isMimeType("text/csv")
                ? ".csv"
                : part.isMimeType("application/json")
                        ? ".json"
                        : part.isMimeType("text/xml") || part.isMimeType("application/xml") ? ".xml" : "";
        return ending.isEmpty() || isFile(name) ? name : (name.isEmpty() ? "unnamed" : name) + ending;
    }

    /**
     * The charset that a file is said to be in; {@code null} where that is missing, or what programs say that do not
     * know.
     */
    static String charset(Part part) {
        try {
            var charset = part.getContentType() == null
                    ? null
                    : new ContentType(part.getContentType()).getParameter("charset");
            var known = charset != null
                    && !charset.matches("(?i)us-ascii|iso-8859-1")
                    && FileImportSteps.isEncoding(MimeUtility.javaCharset(charset));
            return known ? MimeUtility.javaCharset(charset) : null;
        } catch (MessagingException e) {
            return null; // a type that cannot be read says nothing
        }
    }

    static InputStream encoded(Part part) throws MessagingException {
        return part instanceof MimeBodyPart body ? body.getRawInputStream() : ((MimeMessage) part).getRawInputStream();
    }

    static InputStream decoded(Path encoded, String encoding) throws MessagingException, IOException {
        var stream = Files.newInputStream(encoded);
        try {
            return encoding == null
                    ? stream
                    : new FilterInputStream(MimeUtility.decode(stream, encoding)) {
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
    static final class DamagedException extends IOException {

        static final long serialVersionUID = 1L;

        private DamagedException(String message) {
            super(message);
        }
    }
}
