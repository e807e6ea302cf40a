package metrika.conversions.delivery;

import java.util.Map;
import java.util.UUID;

import org.apache.camel.Variable;

import metrika.conversions.auth.TokenEncryption;

/** How the product identifies itself to Metrika on behalf of a webhook. */
public final class MetrikaAuthorization {

    private final TokenEncryption cipher;

    public MetrikaAuthorization(TokenEncryption cipher) {
        this.cipher = cipher;
    }

    /** The header {@code Authorization} for a row with {@code webhook_id} and the encrypted {@code token}. */
    public String createHeader(@Variable("metrika-account") Map<String, ?> row) {
        return "OAuth " + cipher.decrypt((UUID) row.get("webhook_id"), (byte[]) row.get("token"));
    }
}
