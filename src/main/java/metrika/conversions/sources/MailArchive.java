package metrika.conversions.sources;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.archivers.zip.ZipMethod;

/**
 * A ZIP archive that is attached to a mail: the files of conversions in it. All of them are unpacked before the first
 * is stored, so that nothing is stored of an archive that something is wrong with.
 */
final class MailArchive {

    /** Nobody packs more files than this into a mail; the list of them is held in memory. */
    static final int MOST_ENTRIES = 1000;

    /** What Windows writes Russian names in, which it does not say. */
    private static final Charset CP866 = Charset.forName("IBM866");

    private static final Set<Integer> METHODS =
            Set.of(ZipMethod.STORED.getCode(), ZipMethod.DEFLATED.getCode(), ZipMethod.ENHANCED_DEFLATED.getCode());

    /** What the directory of an archive has in front of each entry: PK, 1, 2. */
    private static final int ENTRY = 0x504b0102;

    private static final int MOST_NAMES = 5;
    private static final int LONGEST_PATH = 150;

    private final String name;
    private final boolean takesXml;
    private final List<String> others = new ArrayList<>();
    private long unpacked;

    /**
     * @param name as people know it
     * @param takesXml whether XML is a file of conversions
     * @param unpacked how many bytes the archives before it in the mail had in them
     */
    MailArchive(String name, boolean takesXml, long unpacked) {
        this.name = name;
        this.takesXml = takesXml;
        this.unpacked = unpacked;
    }

    /**
     * A file of an archive.
     *
     * @param folder the archive's name, and the folder in it, with a slash behind each
     * @param name without its folder
     * @param content where it lies on this machine
     */
    record Unpacked(String folder, String name, Path content) {}

    /** Where a file can be put on this machine. */
    interface Place {
        Path create() throws IOException;
    }

    /** Something is wrong with the archive, and always will be. The message is for its sender. */
    static final class RefusedException extends IOException {

        private static final long serialVersionUID = 1L;

        private RefusedException(String message) {
            super(message);
        }
    }

    /**
     * Unpacks the files of conversions.
     *
     * @param maxBytes of all that is unpacked of a mail: archives may unpack to a thousand times their bytes
     * @throws RefusedException when nothing of it is to be taken
     */
    List<Unpacked> unpack(Path archive, long maxBytes, Place place) throws IOException {
        checkNumber(archive);
        try (var bytes = Files.newByteChannel(archive);
                var zip = opened(bytes)) {
            var files = new ArrayList<ZipArchiveEntry>();
            for (var entry : Collections.list(zip.getEntries())) {
                if (isTaken(entry)) {
                    files.add(entry);
                }
            }
            if (files.isEmpty() && others.isEmpty()) {
                others.add(name + " (an archive with nothing in it)");
            }
            var taken = new ArrayList<Unpacked>();
            for (var entry : files) {
                var path = path(entry);
                var end = path.lastIndexOf('/') + 1;
                var content = place.create();
                unpack(zip, entry, content, maxBytes);
                taken.add(new Unpacked(name + "/" + path.substring(0, end), path.substring(end), content));
            }
            return taken;
        }
    }

    /** How many bytes it and the archives before it have in them. */
    long unpacked() {
        return unpacked;
    }

    /** What else is in it, up to a few names, each with what can be done about it. */
    List<String> others() {
        if (others.size() <= MOST_NAMES) {
            return others;
        }
        var shown = new ArrayList<>(others.subList(0, MOST_NAMES));
        shown.add("%d more in %s".formatted(others.size() - MOST_NAMES, name));
        return shown;
    }

    /**
     * Counts the entries before a list is made of them. An archive in it that is not packed itself counts too, and is
     * refused anyway.
     */
    private void checkNumber(Path archive) throws IOException {
        var found = 0;
        var last = 0;
        try (var bytes = Files.newInputStream(archive)) {
            var buffer = new byte[1 << 16];
            for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
                for (int i = 0; i < read; i++) {
                    last = last << Byte.SIZE | buffer[i] & 0xff;
                    found += last == ENTRY ? 1 : 0;
                }
            }
        }
        if (found > MOST_ENTRIES) {
            throw new RefusedException(
                    "%s has more than %d entries: send fewer files in an archive".formatted(name, MOST_ENTRIES));
        }
    }

    private ZipFile opened(SeekableByteChannel bytes) throws RefusedException {
        try {
            // An encoding in which each byte is a letter: no name is an error
            return ZipFile.builder()
                    .setSeekableByteChannel(bytes)
                    .setCharset(StandardCharsets.ISO_8859_1)
                    .get();
        } catch (IOException | RuntimeException e) { // what is in it decides which
            throw damaged(name, e.getMessage());
        }
    }

    /** Notes what is not taken. */
    private boolean isTaken(ZipArchiveEntry entry) throws RefusedException {
        var path = path(entry);
        var file = path.substring(path.lastIndexOf('/') + 1);
        if (entry.isDirectory() || isOfMac(path, file)) {
            return false;
        }
        var shown = name + "/" + path;
        if (MailParts.isArchive(file)) {
            throw new RefusedException(shown + " is an archive in an archive: attach it, or the files in it");
        }
        if (!MailParts.isFile(file) || MailParts.isXml(file) && !takesXml) {
            others.add(shown + MailParts.advice(file.toLowerCase(Locale.ROOT)));
            return false;
        }
        if (entry.getGeneralPurposeBit().usesEncryption()) {
            throw new RefusedException(shown + " is encrypted: send the archive without a password");
        }
        if (!METHODS.contains(entry.getMethod())) {
            throw new RefusedException("%s is packed in a way that is not read here (method %d): pack it as plain ZIP"
                    .formatted(shown, entry.getMethod()));
        }
        return true;
    }

    /** What macOS lays beside each file is called as the file is. */
    private static boolean isOfMac(String path, String file) {
        return path.startsWith("__MACOSX/") || file.startsWith("._") || file.equals(".DS_Store");
    }

    private void unpack(ZipFile zip, ZipArchiveEntry entry, Path content, long maxBytes) throws IOException {
        var shown = name + "/" + path(entry);
        var before = unpacked;
        var sum = new CRC32();
        try (var packed = packed(zip, entry, shown);
                var file = Files.newOutputStream(content)) {
            var buffer = new byte[8192];
            for (int read = read(packed, buffer, shown); read >= 0; read = read(packed, buffer, shown)) {
                unpacked += read;
                if (unpacked > maxBytes) {
                    throw new RefusedException(
                            ("%s is too large: unpacked, the files in archives are more than %d bytes;"
                                            + " send them in several mails, or raise most-bytes")
                                    .formatted(shown, maxBytes));
                }
                sum.update(buffer, 0, read);
                file.write(buffer, 0, read);
            }
        }
        if (unpacked - before != entry.getSize() || sum.getValue() != entry.getCrc()) {
            throw damaged(shown, "its content is not what the archive says");
        }
    }

    private static InputStream packed(ZipFile zip, ZipArchiveEntry entry, String shown) throws RefusedException {
        try {
            return zip.getInputStream(entry);
        } catch (IOException | RuntimeException e) { // what is in it decides which
            throw damaged(shown, e.getMessage());
        }
    }

    private static int read(InputStream packed, byte[] buffer, String shown) throws RefusedException {
        try {
            return packed.read(buffer);
        } catch (IOException | RuntimeException e) { // what is in it decides which
            throw damaged(shown, e.getMessage());
        }
    }

    private static RefusedException damaged(String shown, String reason) {
        return new RefusedException("%s is no ZIP archive, or is damaged (%s): send it anew"
                .formatted(shown, MailImport.plain(String.valueOf(reason))));
    }

    /** With its folder; fit to be shown, and no way to anywhere. */
    private static String path(ZipArchiveEntry entry) {
        var isSaid = entry.getNameSource() != ZipArchiveEntry.NameSource.NAME;
        var path = Arrays.stream((isSaid ? entry.getName() : decoded(entry.getRawName())).split("[/\\\\]+"))
                .filter(part -> !part.isBlank() && !part.matches("\\.\\.?"))
                .map(MailImport::plain)
                .collect(Collectors.joining("/"));
        return path.length() <= LONGEST_PATH ? path : path.substring(path.lastIndexOf('/') + 1);
    }

    /** A name in an encoding that is not said. */
    private static String decoded(byte[] name) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(name))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(name, CP866);
        }
    }
}
