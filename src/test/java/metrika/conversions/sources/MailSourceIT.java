package metrika.conversions.sources;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.MailServer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Files attached to mails in a mailbox on a real IMAP server. */
class MailSourceIT {

    private static final Instant NOW =
            Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(1, ChronoUnit.HOURS);
    private static final String HEAD = "client_id,target,date_time\n";
    private static final String SENDER = "Partner <export@partner.example>";

    @TempDir
    private static Path directory;

    private static MailServer server;
    private static TestWebhook webhook;
    private static Product product;

    @BeforeAll
    static void start() throws Exception {
        server = new MailServer();
        webhook = Shared.PRODUCT.webhook(601);
        product = server.trustedBy(Product.idle(Shared.DATABASE, Shared.METRIKA.url()))
                .with("inbound.mail.enabled", true)
                .with("inbound.mail.webhook", webhook.id())
                .with("inbound.mail.host", "127.0.0.1")
                .with("inbound.mail.port", server.port())
                .with("inbound.mail.username", MailServer.USER)
                .with("inbound.mail.password", MailServer.PASSWORD)
                .with("inbound.mail.senders", "boss@other.example, @Partner.example")
                .with("inbound.mail.most-bytes", 100_000)
                .with("inbound.mail.delay", "200")
                .java("-Djava.io.tmpdir=" + Files.createDirectory(directory.resolve("tmp")))
                .start();
    }

    @AfterAll
    static void stop() {
        product.close();
        server.close();
    }

    private static byte[] csv(String... names) {
        var text = new StringBuilder(HEAD);
        for (var name : names) {
            text.append(name)
                    .append(name.contains("bad") ? ",," : ",buy,")
                    .append(NOW)
                    .append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void awaitIn(String folder, String subject) {
        await().dontCatchUncaughtExceptions()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    assertThat(product.process().isAlive()).as(product.log()).isTrue();
                    return server.subjects(folder).contains(subject)
                            && !server.subjects("INBOX").contains(subject);
                });
    }

    private static long stored(String prefix) {
        return Shared.DATABASE.value(
                "select count(*) from conversion c join batch b on b.id = c.batch_id "
                        + "where b.webhook_id = ?::uuid and c.client_id like ?",
                webhook.id(),
                prefix + "%");
    }

    private static MimeMessage mail(String subject, String name, byte[] content) throws Exception {
        return MailServer.mail(SENDER, subject, Map.of(name, content));
    }

    @Test
    void allFilesOfAMailAreStoredAndItIsMoved() throws Exception {
        var files = new TreeMap<String, byte[]>();
        files.put("a.csv", csv("two-1", "two-2"));
        files.put("logo.png", new byte[] {1, 0, 2});
        files.put(
                "Отчёт за июль.CSV",
                ("client_id;target;date_time\ntwo-3;покупка;" + NOW + "\n").getBytes(Charset.forName("windows-1251")));
        files.put(
                "z.json",
                ("[{\"client_id\": \"two-4\", \"target\": \"buy\", \"date_time\": \"" + NOW + "\"}]")
                        .getBytes(StandardCharsets.UTF_8));
        var mail = MailServer.mail(SENDER, "Выгрузка", files);
        // Camel takes such headers for its own: they must not say where a mail goes.
        mail.setHeader("copyTo", "Elsewhere");
        mail.setHeader("moveTo", "Elsewhere");
        mail.setHeader("delete", "true");
        mail.saveChanges();
        server.deliver(mail);
        awaitIn("Done", "Выгрузка");
        assertThat(stored("two-")).isEqualTo(4);
        assertThat(server.subjects("Elsewhere")).isEmpty();
        // Sent once more, under another Message-ID: the same files are not stored again.
        server.deliver(MailServer.mail(SENDER, "Выгрузка ещё раз", files));
        awaitIn("Done", "Выгрузка ещё раз");
        assertThat(stored("two-")).isEqualTo(4);
        assertThat(product.log()).doesNotContain(MailServer.PASSWORD);
    }

    @Test
    void refusedRowsLieBesideTheMail() throws Exception {
        server.deliver(mail("partly", "part.csv", csv("part-1", "part-bad-2", "part-3")));
        awaitIn("Failed", "partly");
        assertThat(stored("part-")).isEqualTo(2);
        assertThat(server.attachment("Failed", "Refused rows of: partly")
                        .lines()
                        .toList())
                .hasSize(2)
                .satisfies(lines ->
                        assertThat(lines.get(1)).startsWith("3,target,").endsWith("part-bad-2,," + NOW));
        server.deliver(mail("broken", "broken.json", "[{]".getBytes(StandardCharsets.UTF_8)));
        awaitIn("Failed", "broken");
        assertThat(server.attachment("Failed", "Refused rows of: broken")).contains("not JSON");
        assertThat(product.log()).contains("1 row of part.csv was refused");
    }

    @Test
    void aDamagedAttachmentIsNotTriedForEverAndHoldsUpNoOther() throws Exception {
        for (int i = 0; i < 10; i++) {
            var damaged = mail("damaged " + i, "damaged.csv", csv("damaged-1"));
            var part = ((MimeMultipart) damaged.getContent()).getBodyPart(1);
            var text = "Content-Type: text/csv; name=damaged.csv\r\n"
                    + "Content-Disposition: attachment;"
                    + " filename=damaged.csv\r\n"
                    + "Content-Transfer-Encoding:"
                    + " " + (i == 0 ? "x-unknown" : "base64")
                    + "\r\n\r\nY2xpZW50X2lkLHRhcmd";
            assertThat(part.getFileName()).isEqualTo("damaged.csv");
            var parts = (MimeMultipart) damaged.getContent();
            parts.removeBodyPart(1);
            parts.addBodyPart(new MimeBodyPart(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII))));
            server.deliver(new MimeMessage(null, new ByteArrayInputStream(written(damaged))));
        }
        server.deliver(mail("behind the damaged", "behind.csv", csv("behind-1")));
        awaitIn("Done", "behind the damaged");
        awaitIn("Failed", "damaged 0");
        awaitIn("Failed", "damaged 9");
        assertThat(stored("behind-")).isEqualTo(1);
        assertThat(stored("damaged-")).isZero();
        assertThat(product.log()).contains("damaged.csv is damaged: ", "x-unknown");
    }

    private static byte[] written(MimeMessage mail) throws Exception {
        var bytes = new ByteArrayOutputStream();
        mail.writeTo(bytes);
        return bytes.toByteArray();
    }

    /** A mail of parts, each with its headers, as it travels. */
    private static MimeMessage raw(String subject, String... parts) throws Exception {
        var text = "From: " + SENDER + "\r\nSubject: " + subject + "\r\nMIME-Version: 1.0\r\n"
                + (parts.length == 1
                        ? parts[0]
                        : "Content-Type: multipart/mixed; boundary=" + subject + "\r\n\r\n--" + subject + "\r\n"
                                + String.join("\r\n--" + subject + "\r\n", parts) + "\r\n--" + subject + "--\r\n");
        return new MimeMessage(null, new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static String attached(MimeMessage mail) throws Exception {
        return "Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"export.eml\"\r\n\r\n"
                + new String(written(mail), StandardCharsets.ISO_8859_1);
    }

    @Test
    void mailsInMailsAndFilesWithoutANameAreTaken() throws Exception {
        var text = "Content-Type: text/plain\r\n\r\nsee below";
        server.deliver(raw(
                "forwarded",
                text,
                attached(raw("again", text, attached(mail("inner", "inner.csv", csv("nested-1")))))));
        awaitIn("Done", "forwarded");
        var eml = mail("as-a-file", "export.eml", written(mail("inner", "inner.csv", csv("nested-2"))));
        server.deliver(eml);
        awaitIn("Done", "as-a-file");
        server.deliver(raw(
                "nameless",
                text,
                "Content-Type: text/csv; charset=windows-1251\r\n\r\n"
                        + new String(
                                (HEAD + "nested-3,р," + NOW).getBytes(Charset.forName("windows-1251")),
                                StandardCharsets.ISO_8859_1)));
        awaitIn("Done", "nameless");
        server.deliver(
                raw("body", "Content-Type: text/csv\r\n\r\n" + new String(csv("nested-4"), StandardCharsets.UTF_8)));
        awaitIn("Done", "body");
        var signed = raw(
                "signed",
                "Content-Type: text/csv; name=signed.csv\r\n\r\n" + new String(csv("nested-5"), StandardCharsets.UTF_8),
                "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n"
                        + "Content-Transfer-Encoding: base64\r\n\r\n"
                        + "MIIB");
        signed.setHeader("Content-Type", signed.getContentType().replace("mixed", "signed"));
        server.deliver(signed);
        awaitIn("Done", "signed");
        assertThat(stored("nested-")).isEqualTo(5);
        assertThat(product.log()).contains("these attachments are left alone: smime.p7s");
    }

    @Test
    void whatCannotBeTakenIsNamed() throws Exception {
        server.deliver(mail("tnef", "winmail.dat", new byte[10]));
        server.deliver(mail("packed", "orders.rar", new byte[10]));
        server.deliver(mail("no archive", "orders.zip", new byte[10]));
        var deep = mail("deep", "deep.csv", csv("deep-1"));
        for (int i = 0; i < 12; i++) {
            deep = raw("deep" + i, "Content-Type: text/plain\r\n\r\n", attached(deep));
        }
        server.deliver(deep);
        awaitIn("Failed", "tnef");
        awaitIn("Failed", "packed");
        awaitIn("Failed", "no archive");
        awaitIn("Failed", "deep11");
        assertThat(product.log())
                .contains(
                        "but winmail.dat (Outlook's own format",
                        "but orders.rar (an archive: attach the files in it, or a ZIP of them)",
                        "orders.zip is no ZIP archive, or is damaged",
                        "nested more than 10 deep");
        assertThat(stored("deep-")).isZero();
    }

    private static byte[] zip(Charset names, Map<String, byte[]> files) throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes, names)) {
            for (var file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
            }
        }
        return bytes.toByteArray();
    }

    /** As banks and 1C on Windows send them. */
    @Test
    void filesInAnArchiveAreStoredOnceHoweverTheyComeAgain() throws Exception {
        var windows = Charset.forName("windows-1251");
        var csv = ("client_id;target;date_time;price\nzip-1;покупка;" + NOW + ";1 500,50\nzip-2;;" + NOW + ";1\n")
                .getBytes(windows);
        var packed = zip(Charset.forName("IBM866"), Map.of("Отчёт за июль.csv", csv, "readme.txt", new byte[1]));
        server.deliver(mail("zipped", "export.zip", packed));
        awaitIn("Failed", "zipped");
        assertThat(stored("zip-")).isEqualTo(1);
        assertThat(product.log())
                .contains(
                        "1 row of export.zip/Отчёт за июль.csv was refused",
                        "these attachments are left alone: export.zip/readme.txt");
        assertThat(Shared.DATABASE.<String>value(
                        "select target || ' ' || price from conversion where client_id = 'zip-1'"))
                .isEqualTo("покупка 1500.50");
        assertThat(server.attachment("Failed", "Refused rows of: zipped")).contains("3;target;");
        // Zipped again under another name, in a folder; and not zipped
        server.deliver(mail("zipped again", "again.zip", zip(StandardCharsets.UTF_8, Map.of("2025/again.csv", csv))));
        server.deliver(mail("not zipped", "plain.csv", csv));
        awaitIn("Failed", "zipped again");
        awaitIn("Failed", "not zipped");
        assertThat(Shared.DATABASE.<Long>value(
                        "select count(*) from batch b where webhook_id = ?::uuid and exists"
                                + " (select from conversion c where c.batch_id = b.id and c.client_id like 'zip-%')",
                        webhook.id()))
                .isEqualTo(1);
        server.deliver(mail("bomb", "bomb.zip", zip(StandardCharsets.UTF_8, Map.of("a.csv", new byte[10_000_000]))));
        awaitIn("Failed", "bomb");
        assertThat(product.log())
                .contains("bomb.zip/a.csv is too large: unpacked, the files in archives are more than 100000 bytes");
    }

    @Test
    void nothingOfAMailStaysOnThisMachine() throws Exception {
        var attached = new TreeMap<>(Map.of("spooled.csv", csv("spooled-1")));
        attached.put("spooled.zip", zip(StandardCharsets.UTF_8, Map.of("a.csv", csv("spooled-2"))));
        server.deliver(MailServer.mail(SENDER, "spooled", attached));
        awaitIn("Done", "spooled");
        await().untilAsserted(() -> {
            try (var files = Files.walk(directory.resolve("tmp"))) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .noneMatch(name -> name.matches("(mail|encoded|attached)-.*\\.file|refused-.*\\.csv"));
            }
        });
    }

    @Test
    void othersMailsAndLargeOnesAndThoseWithoutFilesAreNotTaken() throws Exception {
        server.deliver(MailServer.mail("x@partner.example.evil.example", "stranger", Map.of("s.csv", csv("no-1"))));
        server.deliver(MailServer.mail("export@notpartner.example", "neighbour", Map.of("n.csv", csv("no-2"))));
        var two = MailServer.mail(SENDER, "two senders", Map.of("t.csv", csv("no-3")));
        two.setHeader("From", "export@partner.example, other@evil.example");
        server.deliver(two);
        server.deliver(mail(
                "large",
                "large.csv",
                (HEAD + ("no-4,buy," + NOW + "\n").repeat(5000)).getBytes(StandardCharsets.UTF_8)));
        server.deliver(mail("picture", "picture.png", new byte[10]));
        var odd = mail("odd", "odd.csv", csv("no-5"));
        var part = ((MimeMultipart) odd.getContent()).getBodyPart(1);
        part.setHeader("Content-Disposition", "attachment; filename=\"=?x-unknown?B?b2RkLmNzdg==?=\"");
        part.setHeader("Content-Type", "text/csv");
        odd.saveChanges();
        server.deliver(odd);
        for (var subject : new String[] {"odd", "stranger", "neighbour", "two senders", "large", "picture"}) {
            awaitIn("Failed", subject);
        }
        assertThat(stored("no-")).isZero();
        assertThat(product.log())
                .contains(
                        "files are not taken from 'export@notpartner.example'",
                        "it is larger than 100000 bytes",
                        "its parts cannot be read: ",
                        "it has no attachment whose name ends in .csv, .json or .jsonl");
        server.deliver(MailServer.mail("BOSS@other.example", "by name", Map.of("boss.csv", csv("boss-1"))));
        awaitIn("Done", "by name");
        assertThat(stored("boss-")).isEqualTo(1);
    }

    @Test
    void aMailThatCannotBeDecidedStaysAndIsTakenLater() throws Exception {
        Shared.PRODUCT.patch(webhook.path(), "{\"is_active\": false}");
        try {
            server.deliver(mail("waits", "waits.csv", csv("waits-1")));
            await().dontCatchUncaughtExceptions()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> Pattern.compile("in-mail is tried again: Mail <\\S+>: This webhook is disabled")
                            .matcher(product.log())
                            .find());
            assertThat(product.log()).as("a line, without a stack").doesNotContain("\tat ");
            assertThat(server.subjects("INBOX")).contains("waits");
            assertThat(server.subjects("Failed")).doesNotContain("waits");
        } finally {
            Shared.PRODUCT.patch(webhook.path(), "{\"is_active\": true}");
        }
        awaitIn("Done", "waits");
        assertThat(stored("waits-")).isEqualTo(1);
    }

    @Test
    void aServerThatIsNotWhoItSaysIsNotTalkedToAndBrokersThatAreAwayAreTold() {
        var stranger = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .with("inbound.mail.enabled", true)
                .with("inbound.mail.webhook", webhook.id())
                .with("inbound.mail.host", "127.0.0.1")
                .with("inbound.mail.port", server.port())
                .with("inbound.mail.username", MailServer.USER)
                .with("inbound.mail.password", MailServer.PASSWORD)
                .with("inbound.mail.delay", "200")
                .with("inbound.mail.senders", "@partner.example")
                .with("inbound.kafka.enabled", true)
                .with("inbound.kafka.webhook", webhook.id())
                .with("inbound.kafka.topic", "t")
                .with("inbound.kafka.dead-letter-topic", "d")
                .with("inbound.kafka.brokers", "127.0.0.1:" + Product.freePort())
                .start();
        try (stranger) {
            await().until(() -> stranger.log().contains("could not be established"));
            await().dontCatchUncaughtExceptions()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> stranger.log().contains("unable to find valid certification path"));
            assertThat(stranger.log()).as("a line, without a stack").doesNotContain("\tat ");
        }
    }
}
