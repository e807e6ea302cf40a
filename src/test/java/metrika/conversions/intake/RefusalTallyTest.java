package metrika.conversions.intake;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What is refused is read for the tallies until it is added, and only what was read is taken away. */
class RefusalTallyTest {

    private static final UUID WEBHOOK = new UUID(0, 1);

    private final RefusalTally tally = new RefusalTally();

    private static RejectedRow row(String code) {
        return new RejectedRow(1, "price", "wrong", List.of(), code);
    }

    @Test
    void whatIsRefusedIsReadUntilItIsAdded() {
        assertThat(tally.read()).isNull();
        tally.add(WEBHOOK, "a \"shop\\", List.of(row("not_a_number"), row("not_a_number")));
        var expected = Map.of(
                "webhooks", "{\"" + WEBHOOK + "\"}",
                "sources", "{\"a \\\"shop\\\\\"}",
                "codes", "{\"not_a_number\"}",
                "quantities", "{\"2\"}");
        assertThat(tally.read()).isEqualTo(expected);
        assertThat(tally.read()).as("the statement has failed").isEqualTo(expected);

        tally.add(WEBHOOK, "a \"shop\\", List.of(row("not_a_number")));
        tally.subtract();
        assertThat(tally.read()).containsEntry("quantities", "{\"1\"}");
        tally.subtract();
        assertThat(tally.read()).isNull();
        tally.subtract();
        assertThat(tally.read()).isNull();
    }

    @Test
    void aRequestIsRefusedWithAllItsConversions() {
        var errors = new RowNotices();
        errors.add(new RowNotice(3, "target", "required", "is missing"));
        tally.add(WEBHOOK, "api", new InvalidConversions(1, 20, errors));
        assertThat(tally.read()).containsEntry("codes", "{\"required\"}").containsEntry("quantities", "{\"20\"}");
    }
}
