package metrika.simulator;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A file that the simulator took, and how far it is.
 *
 * @param id Metrika's number of it
 * @param counter the counter that it was sent to
 * @param comment the tag that came with it, null when none did
 * @param token the first 12 hexadecimal digits of the token's SHA-256, see {@link Simulator#fingerprint}
 * @param type {@code BASIC}, {@code CALLS} or {@code CHATS}
 * @param clientIdType as it was sent, null when it was not
 * @param rows {@code source_quantity}: rows in the file
 * @param lines {@code line_quantity}: rows that passed
 * @param status as the API shows it
 * @param receivedAt on the simulator's clock
 * @param statusSince when the status began, on the simulator's clock
 * @param linked {@code linked_quantity}, 0 until the status is final
 * @param goalNotFound {@code goal_not_found_quantity}, 0 until the status is final
 * @param userNotFound {@code user_not_found_quantity}, 0 until the status is final
 * @param targets the goals in the file, the first hundred
 */
public record ReceivedUpload(
        long id,
        long counter,
        String comment,
        String token,
        String type,
        String clientIdType,
        long rows,
        long lines,
        String status,
        Instant receivedAt,
        Instant statusSince,
        long linked,
        long goalNotFound,
        long userNotFound,
        Set<String> targets) {

    public ReceivedUpload {
        targets = Set.copyOf(targets);
    }

    /** Whether the status is one that never changes again. */
    public boolean isFinal() {
        return status.equals("PROCESSED") || status.equals("LINKAGE_FAILURE");
    }

    ReceivedUpload at(String newStatus, Instant since) {
        return new ReceivedUpload(
                id,
                counter,
                comment,
                token,
                type,
                clientIdType,
                rows,
                lines,
                newStatus,
                receivedAt,
                since,
                linked,
                goalNotFound,
                userNotFound,
                targets);
    }

    ReceivedUpload counted(LinkageCount count) {
        return new ReceivedUpload(
                id,
                counter,
                comment,
                token,
                type,
                clientIdType,
                rows,
                lines,
                status,
                receivedAt,
                statusSince,
                count.linked(),
                count.goalNotFound(),
                count.userNotFound(),
                targets);
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("id", id)
                .put("counter", counter)
                .put("comment", comment)
                .put("token_sha256", token)
                .put("type", type)
                .put("client_id_type", clientIdType)
                .put("rows", rows)
                .put("lines", lines)
                .put("status", status)
                .put("received_at", receivedAt.toString())
                .put("status_since", statusSince.toString())
                .put("linked", linked)
                .put("goal_not_found", goalNotFound)
                .put("user_not_found", userNotFound);
        targets.stream().sorted().forEach(json.putArray("targets")::add);
        return json;
    }

    static ReceivedUpload fromJson(ObjectNode json) {
        Set<String> targets = new LinkedHashSet<>();
        json.path("targets").forEach(target -> targets.add(target.asText()));
        return new ReceivedUpload(
                json.get("id").asLong(),
                json.get("counter").asLong(),
                text(json, "comment"),
                text(json, "token_sha256"),
                json.get("type").asText(),
                text(json, "client_id_type"),
                json.get("rows").asLong(),
                json.get("lines").asLong(),
                json.get("status").asText(),
                Instant.parse(json.get("received_at").asText()),
                Instant.parse(json.get("status_since").asText()),
                json.get("linked").asLong(),
                json.get("goal_not_found").asLong(),
                json.get("user_not_found").asLong(),
                targets);
    }

    private static String text(ObjectNode json, String field) {
        return json.hasNonNull(field) ? json.get(field).asText() : null;
    }
}
