package metrika.conversions.pull;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import metrika.conversions.auth.SecretGenerator;
import metrika.conversions.problem.Json;

/**
 * The rows that a pull has read, so that those of pages that are read again count once. Known by all that they say: one
 * that has changed meanwhile is another.
 */
final class ReadRows {

    /** What comes after so many is forgotten, and counts each time that it is read. */
    private static final int MAX = 100_000;

    private final Set<ByteBuffer> digests = new HashSet<>();

    /** Those of a page that were not read before; they are from now on. */
    List<Map<String, ?>> unread(List<Map<String, ?>> page) {
        return page.stream().filter(this::isUnread).toList();
    }

    private boolean isUnread(Map<String, ?> row) {
        var digest = ByteBuffer.wrap(SecretGenerator.sha256(Json.write(row).getBytes(StandardCharsets.UTF_8)));
        return digests.size() < MAX ? digests.add(digest) : !digests.contains(digest);
    }

    /** Forgets all. */
    void clear() {
        digests.clear();
    }
}
