package metrika.conversions.intake;

import java.util.UUID;

import metrika.conversions.auth.Webhook;

/**
 * A batch to be written.
 *
 * @param webhook as its sender was authenticated for
 * @param requestsInWindow how many requests of the webhook this process has counted in the last minute, with this one;
 *     {@code null} when it counts against no limit
 * @param readyAt when it may be sent, in Unix seconds
 * @param source where it came from, as {@link ConversionStore#sourceOf} has it
 * @param warnings JSON, or {@code null}
 * @param key the idempotency key, or {@code null}
 * @param bodyHash SHA-256 of the body, with a key only
 * @param refused JSON of the rows that were left out, or {@code null}
 */
record NewBatch(
        UUID id,
        Webhook webhook,
        Integer requestsInWindow,
        Conversions conversions,
        long readyAt,
        String source,
        String warnings,
        String key,
        byte[] bodyHash,
        String refused) {}
