package metrika.conversions.intake;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A target that is no goal is a warning, or an error, and is told once. */
class TargetRuleTest {

    private static final CounterGoals GOALS = CounterGoals.of("""
        [{"id": 1, "name": "Bought", "type": "action", "conditions": [{"type": "exact", "url": "buy"}]}]""");

    private final RowNotices errors = new RowNotices();
    private final Warnings warnings = new Warnings();
    private final RuleReport report = new RuleReport(errors, warnings);

    private void take(boolean isRejecting, String... targets) {
        var rule = new TargetRule(GOALS, isRejecting, report);
        for (int i = 0; i < targets.length; i++) {
            report.begin(i, field -> null, field -> null);
            assertThat(rule.takes(targets[i])).isEqualTo(targets[i].equals("buy") || !isRejecting);
        }
    }

    @Test
    void eachUnknownTargetIsWarnedOfOnce() {
        take(false, "buy", "Buy", "sell", "Buy");
        assertThat(errors.count()).isZero();
        assertThat(warnings.toList()).hasSize(2);
        assertThat(warnings.toList().get(0))
                .containsEntry("index", 1)
                .containsEntry("field", "target")
                .containsEntry("code", "goal_not_found")
                .containsEntry("count", 2)
                .containsEntry(
                        "message", "target is 'Buy', and Metrika has no such goal for the counter. Is 'buy' meant?");
    }

    @Test
    void orEachOneIsAnErrorOfItsRow() {
        take(true, "buy", "Buy", "Bought", "Buy");
        assertThat(warnings.count()).isZero();
        assertThat(errors.toList()).extracting(error -> error.get("index")).isEqualTo(List.of(1, 2, 3));
        assertThat(errors.toList().get(1))
                .containsEntry("field", "target")
                .containsEntry("code", "goal_not_found")
                .containsEntry(
                        "message",
                        "target is 'Bought', and Metrika has no such goal for the counter. That is the name of a goal: send "
                                + "its identifier, 'buy' (rules.unknown-target)");
    }
}
