package metrika.conversions.ids;

import java.security.SecureRandom;
import java.util.UUID;

/**
 * Ids of batches: UUIDs of version 7 (RFC 9562), which begin with the time in milliseconds. New rows go to the end of
 * every index, however many are stored, and a list by id is a list by time.
 */
public final class TimeOrderedIds {

    private static final SecureRandom RANDOM = new SecureRandom();

    private TimeOrderedIds() {}

    public static UUID create(long millis) {
        var high = millis << 16 | 0x7000 | RANDOM.nextInt(1 << 12);
        var low = RANDOM.nextLong() & 0x3fffffffffffffffL | 0x8000000000000000L;
        return new UUID(high, low);
    }
}
