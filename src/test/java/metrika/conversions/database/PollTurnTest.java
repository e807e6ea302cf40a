package metrika.conversions.database;

import java.sql.Timestamp;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A poll that the quotas put off has its place in the queue afterwards, whoever took the call that it came too late
 * for.
 */
@ResourceLock(Tables.LOCK)
class PollTurnTest {

    private final Tables tables = new Tables();
    private final long upload = tables.upload(tables.webhook());

    @BeforeEach
    void due() {
        tables.database().update("truncate daily_calls");
        tables.database().update("""
            update upload
               set state = 'uploaded', metrika_upload_id = 1, sent_at = clock() - interval '5 hours',
                   next_attempt_at = date_trunc('minute', clock()) - interval '3 hours'\
            """);
    }

    @Test
    void aPollThatLostTheLastCallWaitsSinceWhenItDid() {
        var since = next();
        var claimed = claim();
        assertThat(next()).isAfter(since);
        refuse(claimed.get("due_since"), 1);
        assertThat(next()).isEqualTo(since);
    }

    @Test
    void aPollThatHasMadeACallGoesBehindTheOthers() {
        var since = next();
        claim();
        refuse(null, 1);
        assertThat(next()).isAfter(since);
    }

    @Test
    void aPollWhoseCounterHasNoCallsLeftIsNotInTheWayOfOthers() {
        var claimed = claim();
        refuse(claimed.get("due_since"), 3600);
        assertThat(tables.database()
                        .<Boolean>value("select next_attempt_at > clock() + interval '50 minutes' from upload"))
                .isTrue();
    }

    /** The one that is due is held by another process; the other one that is due is of a webhook that is gone. */
    @Test
    void aCounterOfWhichNothingThatIsDueIsLeftIsPolledByItsListOnly() throws Exception {
        var webhook = tables.database()
                .<UUID>value("update upload set metrika_upload_id = 1 where id = ? returning webhook_id", upload);
        tables.upload(UUID.randomUUID());
        var other = tables.upload(webhook);
        tables.database().update("""
            update upload
               set state = 'uploaded', metrika_upload_id = id + 100, sent_at = clock() - interval '5 hours',
                   next_attempt_at = clock() + case when id = ? then interval '1 hour' else interval '-1 hour' end
             where id <> ?\
            """, other, upload);
        try (var process = tables.hold("select 1 from upload where id = %d for update".formatted(upload))) {
            assertThat(claim()).containsEntry("uploadings", "" + (other + 100)).containsEntry("due", "");
            process.rollback();
        }
    }

    private Map<String, Object> claim() {
        var claimed = tables.run("claim-polls", Map.of("max_counters", 9));
        assertThat(claimed).hasSize(1);
        return claimed.get(0);
    }

    private Timestamp next() {
        return tables.database().value("select next_attempt_at from upload where id = ?", upload);
    }

    private void refuse(Object dueSince, double pause) {
        var failure = new HashMap<String, Object>();
        failure.put("failure.due_since", dueSince);
        failure.put("failure.retry_after", pause);
        failure.putAll(Map.of("failure.counter_id", 1, "failure.outcome", "throttled", "failure.login", "login"));
        failure.putAll(Map.of("failure.uploadings", "1", "failure.due", "1"));
        failure.putAll(Map.of("failure.own_quota", true, "failure.is_refusal", false));
        failure.putAll(Map.of("failure.code", "quota_of_the_day", "failure.message", "Later"));
        failure.putAll(Map.of("failure.code_at_end", "", "failure.message_at_end", ""));
        tables.run("record-poll-failure", failure);
    }
}
