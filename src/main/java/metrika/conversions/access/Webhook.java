package metrika.conversions.access;

import java.time.ZoneId;
import java.util.UUID;

/**
 * A webhook as routes need it: the variable {@code webhook}.
 *
 * @param id                its id, a part of its URL
 * @param counterId         the Metrika counter that its conversions go to
 * @param timeZone          what a {@code date_time} without an offset means
 * @param requestsPerMinute how many requests with conversions it takes a minute
 * @param isActive          whether it takes conversions at all
 * @param version           counts its changes: conversions are stored only while it is still this one
 * @param openedBy          the hash of the secret that let the caller in; {@code null} when none was needed
 */
public record Webhook(UUID id, long counterId, ZoneId timeZone, int requestsPerMinute, boolean isActive, long version,
        byte[] openedBy) {

    Webhook openedBy(byte[] secretHash) {
        return new Webhook(id, counterId, timeZone, requestsPerMinute, isActive, version, secretHash);
    }
}
