package metrika.conversions.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.KeyCertOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/**
 * The certificate of the HTTPS server and its key, two PEM files, read again when they change. A new pair that does not
 * fit together leaves the old one in use: whoever renews writes one file after the other.
 */
final class ReloadingTlsCertificate {

    private static final Logger LOG = LoggerFactory.getLogger(ReloadingTlsCertificate.class);
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final long LOOK_MILLIS = 2000;
    /**
     * TLS 1.3's own, and of TLS 1.2 those that keep a recording secret when the key is lost later, with authentication.
     */
    private static final String[] CIPHERS = {
        "TLS_AES_256_GCM_SHA384",
        "TLS_AES_128_GCM_SHA256",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
    };

    private final Path certificate;
    private final Path key;
    private final CurrentKeys keys = new CurrentKeys();
    /** What the files held when they were last looked at, whether it was fit or not. */
    private Pair seen;
    /** Why they could not be read the last time. */
    private String unread;

    private ReloadingTlsCertificate(Path certificate, Path key) {
        this.certificate = certificate;
        this.key = key;
    }

    /**
     * The certificate that the settings name; {@code null} when they name none, and plain HTTP is spoken.
     *
     * @throws SettingException when only one of the two is given, or they cannot be used
     */
    static ReloadingTlsCertificate of(Settings settings) {
        var certificate = settings.find("http.tls-certificate");
        var key = settings.find("http.tls-key");
        if (certificate == null && key == null) {
            return null;
        }
        if (certificate == null || key == null) {
            throw new SettingException(
                    "http.tls-certificate and http.tls-key belong together: give both, or none for plain HTTP");
        }
        var files = new ReloadingTlsCertificate(
                settings.directory().resolve(certificate), settings.directory().resolve(key));
        try {
            files.seen = new Pair(Files.readString(files.certificate), Files.readString(files.key));
            LOG.info("TLS with the certificate {}", files.keys.use(files.seen));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new SettingException(
                    "The TLS certificate cannot be used (http.tls-certificate %s, http.tls-key %s): %s"
                            .formatted(files.certificate, files.key, reason(e)));
        }
        return files;
    }

    /** Has a server speak TLS 1.2 and 1.3, and HTTP/2 or HTTP/1.1 within, as the client likes. */
    void apply(HttpServerOptions options) {
        // Otherwise a client may ask for handshakes without end on one connection of TLS 1.2.
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        // The server's own way to new options refuses callers while they are being made ready.
        options.setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(KeyCertOptions.wrap(keys))
                .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"));
        Arrays.stream(CIPHERS).forEach(options::addEnabledCipherSuite);
    }

    /** From now on looks at the files and uses what is new in them. */
    void watch(Vertx vertx) {
        vertx.setPeriodic(
                LOOK_MILLIS,
                tick -> vertx.executeBlocking(() -> {
                    reload();
                    return null;
                }));
    }

    private synchronized void reload() {
        try {
            var now = new Pair(Files.readString(certificate), Files.readString(key));
            if (!now.equals(seen)) {
                seen = now;
                LOG.info("TLS with the new certificate {}", keys.use(now));
            }
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            var reason = reason(e);
            // Told once, not every two seconds
            if (!(e instanceof IOException) || !reason.equals(unread)) {
                LOG.warn(
                        "The new TLS certificate cannot be used, the one before stays (http.tls-certificate {},"
                                + " http.tls-key {}): {}",
                        certificate,
                        key,
                        reason);
            }
            unread = reason;
        }
    }

    private static String reason(Throwable failure) {
        return failure instanceof IOException
                ? "it cannot be read: " + failure.getMessage()
                : String.valueOf(failure.getMessage());
    }

    /** The contents of both files. */
    private record Pair(String certificate, String key) {

        List<X509Certificate> chain() {
            try {
                var chain = CertificateFactory.getInstance("X.509")
                        .generateCertificates(new ByteArrayInputStream(certificate.getBytes(StandardCharsets.US_ASCII)))
                        .stream()
                        .map(X509Certificate.class::cast)
                        .toList();
                if (!chain.isEmpty()) {
                    return chain;
                }
            } catch (CertificateException e) {
                throw new IllegalArgumentException("there is no certificate in PEM form in http.tls-certificate", e);
            }
            throw new IllegalArgumentException("there is no certificate in PEM form in http.tls-certificate");
        }

        /**
         * The private key. Tried first: nothing else would notice that it is another certificate's until a client does.
         */
        PrivateKey keyOf(X509Certificate first) {
            var found = KEY.matcher(key);
            if (!found.find()) {
                throw new IllegalArgumentException(
                        "http.tls-key has to hold an unencrypted PKCS #8 key (BEGIN PRIVATE KEY); make "
                                + "one of another form: openssl pkcs8 -topk8 -nocrypt -in old.key -out new.key");
            }
            try {
                var algorithm = first.getPublicKey().getAlgorithm();
                var made = KeyFactory.getInstance(algorithm)
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(found.group(1))));
                var signature = Signature.getInstance(algorithm.equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
                signature.initSign(made);
                signature.update((byte) 1);
                var signed = signature.sign();
                signature.initVerify(first);
                signature.update((byte) 1);
                if (signature.verify(signed)) {
                    return made;
                }
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException("the key is not that of the certificate", e);
            }
            throw new IllegalArgumentException("the key is not that of the certificate");
        }
    }

    /** The keys of the pair in use, asked for anew at each handshake. */
    private static final class CurrentKeys extends X509ExtendedKeyManager {

        private volatile X509ExtendedKeyManager now;

        /**
         * From now on uses another pair.
         *
         * @return whose certificate it is, and until when
         */
        String use(Pair pair) throws IOException, GeneralSecurityException {
            var chain = pair.chain();
            var first = chain.get(0);
            first.checkValidity();
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("key", pair.keyOf(first), new char[0], chain.toArray(X509Certificate[]::new));
            var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            now = (X509ExtendedKeyManager) factory.getKeyManagers()[0];
            return "%s, valid until %s"
                    .formatted(
                            first.getSubjectX500Principal(), first.getNotAfter().toInstant());
        }

        @Override
        public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
            return now.chooseEngineServerAlias(type, issuers, engine);
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return now.chooseServerAlias(type, issuers, socket);
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return now.getServerAliases(type, issuers);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return now.getCertificateChain(alias);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return now.getPrivateKey(alias);
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return null; // it is a server's
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
