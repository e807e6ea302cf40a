package metrika.conversions.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.List;

import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/**
 * A real SFTP server on a folder, with a host key, that lets in one user by password and by keys, and may go away and
 * come back.
 */
public final class SftpServer implements AutoCloseable {

    public static final String USER = "partner";
    /** With what stumbles in URIs. */
    public static final String PASSWORD = "p&ss w?rd+%20#1";

    private final Path folder;
    private final Path keys;
    private final List<PublicKey> admitted;
    private final int port = Product.freePort();
    private SshServer server;

    /**
     * @param folder what its user sees as root
     * @param keys where its host key is kept
     * @param admitted the public keys that it lets in
     */
    public SftpServer(Path folder, Path keys, PublicKey... admitted) {
        this.folder = folder;
        this.keys = keys;
        this.admitted = List.of(admitted);
        start();
    }

    /** Starts it, for the first time or again, at the same port and with the same host key. */
    public void start() {
        server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setPort(port);
        server.setKeyPairProvider(new SimpleGeneratorHostKeyProvider(keys.resolve("host-key")));
        server.setFileSystemFactory(new VirtualFileSystemFactory(folder));
        server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
        server.setPasswordAuthenticator((user, password, session) -> USER.equals(user) && PASSWORD.equals(password));
        server.setPublickeyAuthenticator((user, given, session) -> USER.equals(user) && admitted.contains(given));
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    /** The file that a client knows it by. */
    public Path knownHosts(Path file) throws IOException, GeneralSecurityException {
        var key = server.getKeyPairProvider().loadKeys(null).iterator().next().getPublic();
        return Files.writeString(file, "[127.0.0.1]:%d %s%n".formatted(port, PublicKeyEntry.toString(key)));
    }

    /** Lays a file down as careful partners do: under another name until it is whole. */
    public void put(String name, byte[] content) throws IOException {
        Drops.put(folder, name, content);
    }

    /** Stops it; open connections break. */
    @Override
    public void close() {
        try {
            server.stop(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
