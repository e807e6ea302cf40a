package metrika.conversions.auth;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.sql.DataSource;

import metrika.conversions.database.SqlFile;
import metrika.conversions.ids.Uuids;
import metrika.conversions.problem.ProblemException;

/**
 * The webhooks, in the database and in memory. Memory holds all of them, so a caller to be rejected costs the database
 * nothing, and no memory. A count of the changes shows whether memory is current; it is read at most twenty times a
 * second, when a caller is about to be rejected.
 */
public final class WebhookRepository {

    private static final String FIND = SqlFile.text("auth/find-webhook-credentials");
    private static final String ALL = SqlFile.text("auth/list-webhook-credentials");
    private static final String CHANGES = SqlFile.text("auth/count-webhook-changes");
    /** How long what was asked last is taken for what is. */
    private static final long FRESH = Duration.ofMillis(50).toNanos();
    /**
     * How long a database that is away, or slow, is left alone by callers who are about to be rejected; and how old
     * memory may be then.
     */
    private static final long AWAY = Duration.ofSeconds(1).toNanos();
    /** How long such a caller waits for one that is asking already, in ms. */
    private static final int PATIENCE = 100;

    private final DataSource database;
    private final WebhookRows rows;
    private final Consumer<Set<UUID>> listener;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile Known known = new Known(Map.of(), -1);
    /** The moment up to which {@link #known} is all that there is, on this machine's monotonic clock. */
    private final AtomicLong freshAt = new AtomicLong(System.nanoTime() - AWAY);

    private volatile Failure failure;

    /** @param listener is told the ids of all webhooks, each time that they are read */
    public WebhookRepository(DataSource database, TokenEncryption cipher, Consumer<Set<UUID>> listener) {
        this.database = database;
        rows = new WebhookRows(cipher);
        this.listener = listener;
    }

    /**
     * A webhook with the secrets that open it; the one before a rotation is {@link StoredSecret#NONE} when there is
     * none.
     */
    record Entry(Webhook webhook, StoredSecret secret, StoredSecret previousSecret) {}

    /** Why the database was asked in vain, for long, and until when, on this machine's monotonic clock. */
    private record Failure(long at, SQLException cause) {}

    /** All webhooks, as of a number of changes. */
    record Known(Map<UUID, Entry> entries, long changes) {

        Optional<Entry> find(UUID id) {
            return Optional.ofNullable(entries.get(id));
        }
    }

    /** The webhooks in memory, where one may be missing or out of date. */
    Known known() {
        return known;
    }

    /**
     * Whether what was opened a moment ago is still as it was: the same version, by a secret that is still valid. Asks
     * memory only.
     */
    boolean isOpenTo(Webhook caller) {
        var entry = known.entries().get(caller.id());
        return entry != null
                && entry.webhook().version() == caller.version()
                && (entry.secret().isValid() && isOpenedBy(entry.secret(), caller.openedBy())
                        || entry.previousSecret().isValid() && isOpenedBy(entry.previousSecret(), caller.openedBy()));
    }

    /** Whether what is in memory was up to date at a moment of this machine's monotonic clock, or later. */
    boolean areKnownAsOf(long moment) {
        return freshAt.get() - moment >= 0;
    }

    /** The moment up to which memory is current, unless nobody was about to be rejected since. */
    static long aMomentAgo() {
        return System.nanoTime() - FRESH;
    }

    /**
     * In how many nanoseconds the database may be asked again whether webhooks have changed; 0 when it may be at once.
     */
    long untilAsked() {
        return Math.max(0, freshAt.get() + FRESH - System.nanoTime());
    }

    /** Looks a webhook up in the database. */
    Optional<Entry> find(UUID id) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(FIND)) {
            statement.setObject(1, id);
            try (var row = statement.executeQuery()) {
                return row.next() ? Optional.of(rows.read(row)) : Optional.empty();
            }
        }
    }

    /**
     * The webhooks in memory, brought up to date unless they were known as of a moment of the monotonic clock.
     *
     * @throws SQLException when the database is away
     */
    Known renewed(long moment) throws SQLException {
        var asked = System.nanoTime();
        if (areKnownAsOf(moment)) {
            return known;
        }
        var before = failure;
        var isAway = before != null && asked - before.at() < AWAY;
        if (isAway || !isLocked()) {
            if (asked - freshAt.get() < AWAY) {
                return known;
            }
            var message = "no answer from the database to whether webhooks have changed";
            throw isAway
                    ? new SQLException(message, before.cause().getSQLState(), before.cause())
                    : new SQLTransientConnectionException(message);
        }
        try {
            if (!areKnownAsOf(moment)) { // else another one has asked meanwhile
                read();
            }
            return known;
        } catch (SQLException e) {
            var now = System.nanoTime();
            failure = now - asked > TimeUnit.MILLISECONDS.toNanos(PATIENCE) ? new Failure(now, e) : null;
            throw e;
        } finally {
            asking.unlock();
        }
    }

    /** For routes that have changed a webhook: what is in memory is not taken for fresh any more. */
    public void invalidateCache() {
        freshAt.set(System.nanoTime() - AWAY);
    }

    /**
     * The webhook that a source delivers to: the source's variable {@code webhook}, its id as text or already found.
     *
     * @throws ProblemException when there is none of that id, or it is switched off
     */
    public Webhook of(Object source) throws SQLException {
        if (source instanceof Webhook webhook) {
            return webhook;
        }
        var id = Uuids.parse(String.valueOf(source)).orElseThrow(() -> unknown(source));
        var webhook = find(id).orElseThrow(() -> unknown(source)).webhook();
        if (!webhook.isActive()) {
            throw disabled();
        }
        return webhook;
    }

    /**
     * The webhook as it is in the database now, for a caller who was authenticated from memory.
     *
     * @throws ProblemException when the caller is not authenticated any more, or the webhook is disabled
     */
    public Webhook renewed(Webhook webhook) throws SQLException {
        if (webhook.openedBy() == null) {
            return of(webhook.id());
        }
        var now = find(webhook.id())
                .filter(entry -> isOpenedBy(entry.secret(), webhook.openedBy())
                        || isOpenedBy(entry.previousSecret(), webhook.openedBy()))
                .orElseThrow(WebhookRepository::wrongCredentials)
                .webhook();
        if (!now.isActive()) {
            throw disabled();
        }
        return now.openedBy(webhook.openedBy());
    }

    public static ProblemException unknown(Object id) {
        return ProblemException.of(404, "There is no webhook '" + id + "'");
    }

    /** What a sender is told of a webhook that it does not know, and of one that it has not the secret of: the same. */
    static ProblemException wrongCredentials() {
        return ProblemException.of(
                403, "The webhook is unknown, or X-Webhook-Secret or the signature is missing or wrong");
    }

    /** The same, told to a source. */
    static ProblemException wrongSourceCredentials() {
        return ProblemException.of(
                403,
                "The webhook is unknown, or its secret is missing or wrong: it is the header X-Webhook-Secret, "
                        + "the token of Authorization: Bearer, the password of Authorization: Basic, or the parameter secret "
                        + "of the URL or the form");
    }

    private static ProblemException disabled() {
        return ProblemException.of(
                403, "This webhook is disabled (is_active is false): an administrator can enable it");
    }

    private static boolean isOpenedBy(StoredSecret secret, byte[] hash) {
        return secret.isValid() && Arrays.equals(secret.hash(), hash);
    }

    private boolean isLocked() {
        try {
            return asking.tryLock(PATIENCE, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void read() throws SQLException {
        var fresh = freshAt.get();
        var asked = System.nanoTime();
        try (Connection connection = database.getConnection()) {
            if (changes(connection) != known.changes()) {
                known = all(connection);
                listener.accept(known.entries().keySet());
            }
            freshAt.compareAndSet(fresh, asked); // unless a route has changed something meanwhile
            failure = null;
        }
    }

    private static long changes(Connection connection) throws SQLException {
        try (var statement = connection.prepareStatement(CHANGES);
                var row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private Known all(Connection connection) throws SQLException {
        var entries = new HashMap<UUID, Entry>();
        var changes = -1L;
        try (var statement = connection.prepareStatement(ALL);
                var row = statement.executeQuery()) {
            while (row.next()) {
                changes = row.getLong("changes");
                if (row.getObject("id") != null) {
                    entries.put(row.getObject("id", UUID.class), rows.read(row));
                }
            }
        }
        return new Known(Map.copyOf(entries), changes);
    }
}
