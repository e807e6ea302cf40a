package metrika.conversions.sources;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import jakarta.mail.internet.MimeMessage;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.support.MailServer;

import static org.assertj.core.api.Assertions.assertThat;

/** The files in archives that are attached to mails. */
class MailArchiveTest {

    private static final Charset CP866 = Charset.forName("IBM866");
    private static final int MOST_BYTES = 500_000;

    private final CamelContext context = new DefaultCamelContext();

    @TempDir
    private Path directory;

    /** What is taken of a mail, by the names that are shown, with the content; and what is wrong with it. */
    private record Taken(Map<String, String> files, String fault) {}

    private Taken taken(boolean takesXml, Map<String, byte[]> attachments) throws Exception {
        return taken(takesXml, MailServer.mail("a@shop.example", "export", attachments));
    }

    private Taken taken(boolean takesXml, jakarta.mail.Message message) throws Exception {
        var mail = new MailImport(travelled(message), directory, MOST_BYTES, takesXml);
        var files = new LinkedHashMap<String, String>();
        for (var found = mail.files(context); found.hasNext(); ) {
            var file = found.next();
            files.put(shown(file), Files.readString(file.getBody(File.class).toPath()));
        }
        return new Taken(files, mail.getFault());
    }

    /** As it comes from a server. */
    private static MimeMessage travelled(jakarta.mail.Message message) throws Exception {
        var bytes = new ByteArrayOutputStream();
        message.writeTo(bytes);
        return new MimeMessage(null, new ByteArrayInputStream(bytes.toByteArray()));
    }

    private static String shown(Message file) {
        return file.getHeader(FilePlace.ARCHIVE, "", String.class)
                + file.getHeader(Exchange.FILE_NAME_ONLY, String.class);
    }

    private Taken taken(byte[] archive) throws Exception {
        return taken(false, Map.of("orders.zip", archive));
    }

    private static byte[] zip(Charset names, String... namesOfFiles) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes, names)) {
            for (var name : namesOfFiles) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(("in " + name).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] zip(String... names) throws IOException {
        return zip(StandardCharsets.UTF_8, names);
    }

    private static byte[] zipOf(String name, byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return bytes.toByteArray();
    }

    /** With the same change behind each signature, that of a file and that of the directory's entry. */
    private static byte[] changed(byte[] archive, int inFile, int inDirectory, int value) {
        var changed = archive.clone();
        for (int i = 0; i + 4 < archive.length; i++) {
            var signature = new String(archive, i, 4, StandardCharsets.ISO_8859_1);
            if (signature.equals("PK\3\4")) {
                changed[i + inFile] = (byte) value;
            } else if (signature.equals("PK\1\2")) {
                changed[i + inDirectory] = (byte) value;
            }
        }
        return changed;
    }

    @Test
    void filesAreTakenAsIfTheyWereAttachedThemselves() throws Exception {
        var archive = zip("b.json", "2025/07/a.CSV", "c.jsonl", "folder/", "d.xml", "__MACOSX/._b.json", "._b.json");
        assertThat(taken(false, Map.of("orders.zip", archive)))
                .isEqualTo(new Taken(
                        Map.of(
                                "orders.zip/b.json", "in b.json",
                                "orders.zip/2025/07/a.CSV", "in 2025/07/a.CSV",
                                "orders.zip/c.jsonl", "in c.jsonl"),
                        null));
        assertThat(taken(true, Map.of("orders.zip", archive)).files())
                .hasSize(4)
                .containsKey("orders.zip/d.xml");
    }

    @ParameterizedTest
    @CsvSource({
        "application/zip, orders, orders/a.csv",
        "application/x-zip-compressed, orders.dat, orders.dat/a.csv",
        "application/zip, , unnamed.zip/a.csv",
        "application/octet-stream, ORDERS.ZIP, ORDERS.ZIP/a.csv"
    })
    void anArchiveIsKnownByItsNameOrItsType(String type, String name, String shown) throws Exception {
        var mail = MailServer.mail("a@shop.example", "export", Map.of("x", zip("a.csv")));
        var part = ((jakarta.mail.Multipart) mail.getContent()).getBodyPart(1);
        part.setHeader("Content-Type", type);
        if (name == null) {
            part.removeHeader("Content-Disposition");
        } else {
            part.setFileName(name);
        }
        assertThat(taken(false, mail).files()).containsOnlyKeys(shown);
    }

    @Test
    void whatMailersCallAnArchiveAndIsNoneIsLeftAsItIs() throws Exception {
        var mail = MailServer.mail("a@shop.example", "export", Map.of("book.xlsx", zip("xl/workbook.xml")));
        ((jakarta.mail.Multipart) mail.getContent()).getBodyPart(1).setHeader("Content-Type", "application/zip");
        assertThat(taken(true, mail).fault()).contains("but book.xlsx (a workbook: save it as CSV)");
    }

    @Test
    void anEntrysFolderAndArchiveAreShownAndNothingElse() throws Exception {
        var mail = new MailImport(
                travelled(MailServer.mail("a@shop.example", "export", Map.of("orders.zip", zip("2025\\a.b.csv")))),
                directory,
                MOST_BYTES,
                false);
        var exchange = context.getEndpoint("direct:x").createExchange();
        exchange.setMessage(mail.files(context).next());
        var place = FilePlace.of(exchange);
        var content = FileContent.of(exchange, directory);
        assertThat(place.shown(content.name())).isEqualTo("orders.zip/2025/a.b.csv");
        assertThat(place.columns(content)).isEqualTo(Map.of("file.folder", "", "file.name", "a.b"));
    }

    @Test
    void namesAreReadAsTheyWereWritten() throws Exception {
        assertThat(taken(zip(StandardCharsets.UTF_8, "Отчёт.csv")).files()).containsOnlyKeys("orders.zip/Отчёт.csv");
        assertThat(taken(zip(CP866, "Отчёт за июль.csv")).files()).containsOnlyKeys("orders.zip/Отчёт за июль.csv");
        for (var field : List.of(
                ZipArchiveOutputStream.UnicodeExtraFieldPolicy.NEVER,
                ZipArchiveOutputStream.UnicodeExtraFieldPolicy.ALWAYS)) {
            var bytes = new ByteArrayOutputStream();
            try (var zip = new ZipArchiveOutputStream(bytes)) {
                var isField = field == ZipArchiveOutputStream.UnicodeExtraFieldPolicy.ALWAYS;
                zip.setEncoding(isField ? "windows-1251" : "UTF-8");
                zip.setUseLanguageEncodingFlag(false);
                zip.setCreateUnicodeExtraFields(field);
                zip.putArchiveEntry(new ZipArchiveEntry("Заказы.csv"));
                zip.closeArchiveEntry();
            }
            assertThat(taken(bytes.toByteArray()).files()).containsOnlyKeys("orders.zip/Заказы.csv");
        }
    }

    @Test
    void aNameIsNoWayOutOfItsFolderAndNoLineOfTheLog() throws Exception {
        assertThat(taken(zip("/../..\\C:\\a\nb.csv", ("x".repeat(100) + "/").repeat(3) + "long.csv"))
                        .files())
                .containsOnlyKeys("orders.zip/C_/a_b.csv", "orders.zip/long.csv");
    }

    @Test
    void whatIsWrongIsNamedWithItsWayOutAndNothingOfTheArchiveIsTaken() throws Exception {
        var good = zip("a.csv", "2025/b.csv");
        var faults = new LinkedHashMap<byte[], String>();
        faults.put(changed(good, 6, 8, 9), "orders.zip/a.csv is encrypted: send the archive without a password");
        faults.put(changed(good, 8, 10, 14), "orders.zip/a.csv is packed in a way that is not read here (method 14)");
        faults.put(
                zip("a.csv", "old/b.zip"),
                "orders.zip/old/b.zip is an archive in an archive: attach it, or the files in it");
        faults.put(zip("a.csv", "b.csv.gz"), "orders.zip/b.csv.gz is an archive in an archive");
        faults.put("no archive".getBytes(StandardCharsets.UTF_8), "orders.zip is no ZIP archive, or is damaged (");
        faults.put(Arrays.copyOf(good, good.length - 30), "orders.zip is no ZIP archive, or is damaged (");
        faults.put(new byte[0], "orders.zip is no ZIP archive, or is damaged (");
        faults.put(changed(good, 42, 16, 1), "is no ZIP archive, or is damaged (");
        faults.put(
                zip(IntStream.rangeClosed(0, MailArchive.MOST_ENTRIES)
                        .mapToObj(i -> i + ".csv")
                        .toArray(String[]::new)),
                "orders.zip has more than 1000 entries: send fewer files in an archive");
        for (var fault : faults.entrySet()) {
            assertThat(taken(fault.getKey()).files()).as(fault.getValue()).isEmpty();
            assertThat(taken(fault.getKey()).fault()).contains(fault.getValue());
        }
    }

    @Test
    void aFileThatIsNotWhatItsSumSaysIsDamagedAndTheOnesBeforeItAreNotTaken() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipArchiveOutputStream(bytes)) {
            zip.setMethod(ZipArchiveOutputStream.STORED);
            for (var name : List.of("a.csv", "b.csv")) {
                var entry = new ZipArchiveEntry(name);
                entry.setSize(4);
                entry.setCrc(0xADF3F363L);
                zip.putArchiveEntry(entry);
                zip.write("data".getBytes(StandardCharsets.US_ASCII));
                zip.closeArchiveEntry();
            }
        }
        assertThat(taken(bytes.toByteArray()).files()).hasSize(2);
        var text = new String(bytes.toByteArray(), StandardCharsets.ISO_8859_1);
        var damaged = new StringBuilder(text).replace(text.lastIndexOf("data"), text.lastIndexOf("data") + 1, "D");
        var taken = taken(damaged.toString().getBytes(StandardCharsets.ISO_8859_1));
        assertThat(taken.files()).isEmpty();
        assertThat(taken.fault()).contains("orders.zip/b.csv is no ZIP archive, or is damaged (its content is not");
    }

    @Test
    void anArchiveWithoutAFileToTakeIsNamedWithWhatIsInIt() throws Exception {
        assertThat(taken(zip("a.pdf", "b.xlsx", "c", "d", "e", "f", "g")).fault())
                .contains("it has no attachment whose name ends in .csv, .json or .jsonl, but orders.zip/a.pdf, "
                        + "orders.zip/b.xlsx (a workbook: save it as CSV), orders.zip/c, orders.zip/d, orders.zip/e, "
                        + "2 more in orders.zip");
        assertThat(taken(zip("a.xml")).fault()).contains("orders.zip/a.xml (XML: rows does not say");
        assertThat(taken(zip("folder/")).fault()).contains("but orders.zip (an archive with nothing in it)");
        assertThat(taken(false, Map.of("a.csv", "x".getBytes(StandardCharsets.UTF_8), "photos.zip", zip("b.jpg"))))
                .as("beside a file it is left alone, as any other attachment")
                .isEqualTo(new Taken(Map.of("a.csv", "x"), null));
        assertThat(taken(false, Map.of("orders.rar", zip("a.csv"))).fault())
                .contains("but orders.rar (an archive: attach the files in it, or a ZIP of them)");
    }

    @Test
    void whatUnpacksToMoreThanIsAllowedIsStoppedThere() throws Exception {
        assertThat(taken(zipOf("most.csv", new byte[MOST_BYTES])).fault()).isNull();
        var bomb = zipOf("bomb.csv", new byte[20 * MOST_BYTES]);
        assertThat(taken(bomb).fault())
                .contains(
                        "orders.zip/bomb.csv is too large: unpacked, the files in archives are more than 500000 bytes;"
                                + " send them in several mails, or raise most-bytes");
        try (var files = Files.list(directory)) {
            var sizes = files.map(file -> file.toFile().length()).collect(Collectors.toCollection(ArrayList::new));
            assertThat(sizes).isNotEmpty().allMatch(size -> size <= MOST_BYTES);
        }
        var half = zipOf("half.csv", new byte[MOST_BYTES / 2 + 1]);
        var two = taken(false, new LinkedHashMap<>(Map.of("one.zip", half, "two.zip", half)));
        assertThat(two.files())
                .as("the first of them, as a file beside one that is too large")
                .hasSize(1);
        assertThat(two.fault()).contains(".zip/half.csv is too large");
    }
}
