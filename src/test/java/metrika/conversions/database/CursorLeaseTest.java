package metrika.conversions.database;

import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import static org.assertj.core.api.Assertions.assertThat;

/** The lease of a source that is pulled: who renews it, and who has lost it. */
@ResourceLock(Tables.LOCK)
class CursorLeaseTest {

    private final Tables tables = new Tables();

    @BeforeEach
    void claimedLongAgo() {
        tables.database().update("truncate source_cursor");
        tables.database()
                .update("insert into source_cursor (source, format, position, claim_number, lease_expires_at)"
                        + " values ('shop', 'number', '1', 7, clock() - interval '1 minute')");
    }

    @Test
    void itIsRenewedByWhoHasTheSource() {
        renew(7);
        assertThat(isHeld()).isTrue();
    }

    @Test
    void whoHasLostTheSourceRenewsNothing() {
        renew(6);
        assertThat(isHeld()).isFalse();
    }

    @Test
    void aPullThatIsOverGetsNoNewLease() {
        tables.database().update("update source_cursor set lease_expires_at = null");
        renew(7);
        assertThat(tables.database().<Boolean>value("select lease_expires_at is null from source_cursor"))
                .isTrue();
    }

    @Test
    void whatIsLockedIsNotWaitedFor() throws Exception {
        try (var other = tables.hold("select from source_cursor for update")) {
            renew(7);
            other.rollback();
        }
        assertThat(isHeld()).isFalse();
    }

    private void renew(int claim) {
        tables.run("renew-cursors", Map.of("pulls.sources", "{shop}", "pulls.claim_numbers", "{%d}".formatted(claim)));
    }

    private boolean isHeld() {
        return tables.database().value("select lease_expires_at > clock() from source_cursor");
    }
}
