package metrika.conversions.ids;

import java.util.Optional;
import java.util.UUID;

/** Reads ids of webhooks and batches. */
public final class Uuids {

    private Uuids() {}

    /** The id in a text, if it is one in the form that we give out: UUID.fromString would take 1-2-3-4-5 too. */
    public static Optional<UUID> parse(String id) {
        try {
            var uuid = UUID.fromString(id);
            return uuid.toString().equalsIgnoreCase(id) ? Optional.of(uuid) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
