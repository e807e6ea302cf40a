package metrika.conversions.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import io.vertx.core.buffer.Buffer;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;

import metrika.conversions.http.HttpApiServer;
import metrika.conversions.problem.ProblemException;

/**
 * The signature that a sender puts over the body of a request to a source, with a key that it shares with the
 * installation, such as CloudPayments' {@code Content-HMAC}. It comes on top of the webhook's secret: that keeps
 * strangers out before their bodies are read, this what others send who have seen the address.
 */
public final class BodySignature {

    /** The variable that has the key; it is gone when the signature has been checked. */
    private static final String KEY = "signature-key";

    private static final String HEX = "hex";

    /**
     * Checks the signature over the body's bytes as they were sent, packed or not, where the source asks for one. Takes
     * as long for a wrong one as for the right one.
     *
     * @param header that holds it; empty: the sender does not sign
     * @param algorithm such as HmacSHA256
     * @param encoding base64 or hex
     * @throws ProblemException 403 when it is missing, given twice or wrong
     */
    public void verify(
            Exchange exchange,
            @Variable("signature") String header,
            @Variable("signature-algorithm") String algorithm,
            @Variable("signature-encoding") String encoding,
            @Variable(KEY) String key) {
        exchange.removeVariable(KEY);
        if (header == null || header.isEmpty()) {
            return;
        }
        if (key == null || key.isEmpty()) {
            throw new IllegalStateException(
                    "http-source has the signature %s and no secretKey: nobody can be let in".formatted(header));
        }
        var body = exchange.getProperty(HttpApiServer.BODY, Buffer.class);
        var right = sign(algorithm, key, body == null ? new byte[0] : body.getBytes());
        var given = Credentials.request(exchange).headers().getAll(header);
        if (!MessageDigest.isEqual(right, decoded(given, encoding))) {
            throw ProblemException.of(
                    403,
                    "The signature in the header %s is missing or wrong: it is made of the body, with the key of the source"
                            .formatted(header));
        }
    }

    private static byte[] sign(String algorithm, String key, byte[] body) {
        try {
            var mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), algorithm));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "signatureAlgorithm is '%s': HmacSHA256 is expected".formatted(algorithm), e);
        }
    }

    /** What is no signature, or several, is none. */
    private static byte[] decoded(List<String> given, String encoding) {
        try {
            return given.size() != 1
                    ? new byte[0]
                    : HEX.equals(encoding)
                            ? HexFormat.of().parseHex(given.get(0))
                            : Base64.getDecoder().decode(given.get(0));
        } catch (IllegalArgumentException e) {
            return new byte[0]; // no base64, so nobody's signature
        }
    }
}
