package metrika.conversions.auth;

import java.time.Duration;
import java.time.ZoneId;
import java.util.UUID;

import metrika.conversions.ids.Identified;
import metrika.conversions.problem.ProblemException;

/**
 * A webhook as routes need it: the variable {@code webhook}.
 *
 * @param id its id, a part of its URL
 * @param counterId the Metrika counter that its conversions go to
 * @param timeZone what a {@code date_time} without an offset means; {@code null} when this Java does not know it
 * @param requestsPerMinute how many requests with conversions it takes a minute
 * @param isActive whether it takes conversions at all
 * @param version counts its changes: conversions are stored only while it is still this one
 * @param openedBy the hash of the secret that let the caller in; {@code null} when none was needed
 */
public record Webhook(
        UUID id,
        long counterId,
        ZoneId timeZone,
        int requestsPerMinute,
        boolean isActive,
        long version,
        byte[] openedBy)
        implements Identified {

    private static final Duration ZONE_PAUSE = Duration.ofMinutes(1);

    /**
     * What a {@code date_time} without an offset means.
     *
     * @throws ProblemException 503 when this Java does not know the webhook's time zone
     */
    @Override
    public ZoneId timeZone() {
        if (timeZone == null) {
            throw ProblemException.of(
                            503,
                            "The time_zone of this webhook is not known to the server's Java, so it cannot be told"
                                    + " when its conversions were. Nothing was stored: an administrator can give it"
                                    + " another time_zone")
                    .retryAfter(ZONE_PAUSE);
        }
        return timeZone;
    }

    Webhook openedBy(byte[] secretHash) {
        return new Webhook(id, counterId, timeZone, requestsPerMinute, isActive, version, secretHash);
    }
}
