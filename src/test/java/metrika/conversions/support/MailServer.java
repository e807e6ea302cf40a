package metrika.conversions.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import com.icegreen.greenmail.store.StoredMessage;
import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.internet.MimeUtility;
import jakarta.mail.util.ByteArrayDataSource;

/** A real IMAP server with TLS and one mailbox. */
public final class MailServer implements AutoCloseable {

    public static final String USER = "drop@shop.example";
    public static final String PASSWORD = "se(cr)et&%+ 1";
    private static final String KEY_PASSWORD = "changeit";

    /** One for all servers of this process: GreenMail reads it once. */
    private static Path keys;

    private final GreenMail server;
    private final GreenMailUser user;

    public MailServer() throws IOException, InterruptedException {
        makeKeys();
        var setup = new ServerSetup(Product.freePort(), "127.0.0.1", ServerSetup.PROTOCOL_IMAPS);
        setup.setServerStartupTimeout(60_000); // by default 2 s, which a machine with much to do does not keep to
        server = new GreenMail(setup);
        server.start();
        user = server.setUser(USER, USER, PASSWORD);
    }

    private static synchronized void makeKeys() throws IOException, InterruptedException {
        if (keys != null) {
            return;
        }
        var directory = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "mail-server-");
        var made = directory.resolve("mail.p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "mail",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=mail",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        made.toString(),
                        "-storepass",
                        KEY_PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool").toFile())
                .start();
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool failed");
        }
        System.setProperty("greenmail.tls.keystore.file", made.toString());
        System.setProperty("greenmail.tls.keystore.password", KEY_PASSWORD);
        keys = made;
    }

    public int port() {
        return server.getImaps().getPort();
    }

    /** Lets a product trust the server's certificate. */
    public Product.Builder trustedBy(Product.Builder builder) {
        return builder.java("-Djavax.net.ssl.trustStore=" + keys)
                .java("-Djavax.net.ssl.trustStorePassword=" + KEY_PASSWORD);
    }

    /** A mail with attachments, by their names. */
    public static MimeMessage mail(String from, String subject, Map<String, byte[]> attachments)
            throws MessagingException, IOException {
        var mail = new MimeMessage((Session) null);
        mail.setFrom(from);
        mail.setRecipients(jakarta.mail.Message.RecipientType.TO, USER);
        mail.setSubject(subject, "UTF-8");
        var text = new MimeBodyPart();
        text.setText("the export", "UTF-8");
        var parts = new MimeMultipart(text);
        for (var attachment : attachments.entrySet()) {
            var part = new MimeBodyPart();
            part.setDataHandler(new jakarta.activation.DataHandler(
                    new ByteArrayDataSource(attachment.getValue(), "application/octet-stream")));
            part.setFileName(MimeUtility.encodeText(attachment.getKey(), "UTF-8", null));
            part.setHeader("Content-Transfer-Encoding", "base64");
            parts.addBodyPart(part);
        }
        mail.setContent(parts);
        mail.saveChanges();
        return mail;
    }

    public void deliver(MimeMessage mail) {
        user.deliver(mail);
    }

    /** The subjects of the mails in a folder. */
    public List<String> subjects(String folder) {
        return messages(folder).stream()
                .map(message -> {
                    try {
                        return message.getSubject();
                    } catch (MessagingException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toList();
    }

    /** The last attachment of the mail in a folder that has a subject. */
    public String attachment(String folder, String subject) throws MessagingException, IOException {
        for (var message : messages(folder)) {
            if (message.getSubject().equals(subject)) {
                var parts = (MimeMultipart) message.getContent();
                return new String(
                        parts.getBodyPart(parts.getCount() - 1).getInputStream().readAllBytes(),
                        StandardCharsets.UTF_8);
            }
        }
        throw new IllegalStateException("no mail '%s' in %s: %s".formatted(subject, folder, subjects(folder)));
    }

    private List<MimeMessage> messages(String folder) {
        var host = server.getManagers().getImapHostManager();
        var found = host.getFolder(user, folder);
        return found == null
                ? List.of()
                : Arrays.asList(found.getMessages().toArray(StoredMessage[]::new)).stream()
                        .map(StoredMessage::getMimeMessage)
                        .toList();
    }

    @Override
    public void close() {
        server.stop();
    }
}
