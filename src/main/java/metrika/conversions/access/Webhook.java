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
 */
public record Webhook(UUID id, long counterId, ZoneId timeZone, int requestsPerMinute, boolean isActive) {
}
