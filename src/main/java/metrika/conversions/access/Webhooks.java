package metrika.conversions.access;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

import metrika.conversions.database.Sql;
import metrika.conversions.web.Parameters;
import metrika.conversions.web.Problem;

/** Finds webhooks in the database. */
public final class Webhooks {

    private static final String FIND = Sql.text("find-webhook");

    private final DataSource database;

    public Webhooks(DataSource database) {
        this.database = database;
    }

    /**
     * A webhook with the hashes of the secrets that open it.
     *
     * @param previousSecretHash the one before a rotation while it is still valid, else {@code null}
     */
    public record Entry(Webhook webhook, byte[] secretHash, byte[] previousSecretHash) {
    }

    /** Looks a webhook up by its id. */
    public Optional<Entry> find(UUID id) throws SQLException {
        try (Connection connection = database.getConnection(); var statement = connection.prepareStatement(FIND)) {
            statement.setObject(1, id);
            try (var row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new Entry(
                                new Webhook(id, row.getLong("counter_id"), ZoneId.of(row.getString("time_zone")),
                                        row.getInt("requests_per_minute"), row.getBoolean("is_active")),
                                row.getBytes("secret_hash"), row.getBytes("previous_secret_hash")))
                        : Optional.empty();
            }
        }
    }

    /**
     * The webhook that a source delivers to: the source's variable {@code webhook}, its id as text or already found.
     *
     * @throws Problem when there is none of that id, or it is switched off
     */
    public Webhook of(Object source) throws SQLException {
        if (source instanceof Webhook webhook) {
            return webhook;
        }
        var id = Parameters.parse(String.valueOf(source)).orElseThrow(() -> unknown(source));
        var webhook = find(id).orElseThrow(() -> unknown(source)).webhook();
        if (!webhook.isActive()) {
            throw disabled();
        }
        return webhook;
    }

    static Problem unknown(Object id) {
        return Problem.of(404, "There is no webhook '" + id + "'");
    }

    /** What a sender is told of a webhook that it does not know, and of one that it has not the secret of: the same. */
    public static Problem notLetIn() {
        return Problem.of(403, "The webhook is unknown, or X-Webhook-Secret is missing or wrong");
    }

    static Problem disabled() {
        return Problem.of(403, "This webhook is disabled (is_active is false): an administrator can enable it");
    }
}
