package metrika.conversions.ids;

import java.nio.ByteBuffer;
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
        var random = new byte[Short.BYTES + Long.BYTES]; // at once: each call waits for the same lock
        RANDOM.nextBytes(random);
        var bits = ByteBuffer.wrap(random);
        var high = millis << 16 | 0x7000 | bits.getShort() & 0xfff;
        var low = bits.getLong() & 0x3fffffffffffffffL | 0x8000000000000000L;
        return new UUID(high, low);
    }
}
