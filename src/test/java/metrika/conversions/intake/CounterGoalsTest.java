package metrika.conversions.intake;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Which targets are no goals of a counter, when that is sure, and what to send instead. */
class CounterGoalsTest {

    private static final String EVENTS = goal(11, "Заказ оплачен", "action", "user", "exact", "order_paid") + ","
            + goal(12, "Lead", "action", "user", "exact", "lead") + ","
            + goal(13, "Thanks page", "url", "user", "contain", "thanks");

    private static String goal(long id, String name, String type, String source, String condition, String url) {
        return """
            {"id": %d, "name": "%s", "type": "%s", "source": "%s", "conditions": [{"type": "%s", "url": "%s"}]}""".formatted(id, name, type, source, condition, url);
    }

    private static CounterGoals goals(String... goals) {
        return CounterGoals.of("[" + String.join(",", goals) + "]");
    }

    @ParameterizedTest
    @CsvSource({"order_paid, false", "lead, false", "Lead, true", "thanks, true", "11, true", "order, true"})
    void onlyIdentifiersOfEventsCount(String target, boolean isMissing) {
        assertThat(goals(EVENTS).isMissing(target)).isEqualTo(isMissing);
    }

    @ParameterizedTest
    @CsvSource({
        "11, 'That is the number of a goal: send its identifier, ''order_paid'''",
        "заказ оплачен, 'That is the name of a goal: send its identifier, ''order_paid'''",
        "13, 'That is the number of a goal of the type url, which no conversion can name: a goal of the kind JavaScript event is needed'",
        "Thanks page, 'That is the name of a goal of the type url, which no conversion can name: a goal of the kind JavaScript event is needed'",
        "orderpaid, 'Is ''order_paid'' meant?'",
        "Order-Paid, 'Is ''order_paid'' meant?'",
        "registration, 'Its goals are ''lead'', ''order_paid'''"
    })
    void whatIsMeantIsNamed(String target, String advice) {
        assertThat(goals(EVENTS).advice(target)).isEqualTo(advice);
    }

    @Test
    void theNearestComesFirstAndOfManyAFewAreListed() {
        var events = new StringBuilder(EVENTS);
        for (var name : new String[] {"paid", "paid_2", "paid_33", "zzz"}) {
            events.append(',').append(goal(20, "", "action", "user", "exact", name));
        }
        assertThat(goals(events.toString()).advice("paid_3")).isEqualTo("Is 'paid_2' or 'paid_33' or 'paid' meant?");
        assertThat(goals(events.toString()).advice("subscription"))
                .isEqualTo("Its goals are 'lead', 'order_paid', 'paid', 'paid_2', 'paid_33' and 1 more");
    }

    @Test
    void aCounterWithoutEventsHasNone() {
        assertThat(goals().isMissing("lead")).isTrue();
        assertThat(goals().advice("lead")).isEqualTo("The counter has no goal of the kind JavaScript event");
    }

    @ParameterizedTest
    @ValueSource(strings = {"button", "messenger", "step", "of_tomorrow"})
    void whatGoalsOfOtherKindsStandForIsNotSure(String type) {
        var goals = goals(EVENTS, goal(14, "Other", type, "user", "exact", "other"));
        assertThat(goals.isMissing("other")).isFalse();
        assertThat(goals.isMissing("another")).isTrue();
    }

    @Test
    void anAutomaticGoalIsNotSureWhateverItsType() {
        assertThat(goals(EVENTS, goal(14, "Auto", "url", "auto", "exact", "auto"))
                        .isMissing("auto"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"start, paid_, paid_online, prepaid_", "contain, paid, prepaid_2, lead_2"})
    void anEventMayHaveAPatternForItsIdentifier(String condition, String pattern, String known, String missing) {
        var goals = goals(EVENTS, goal(14, "Pattern", "action", "user", condition, pattern));
        assertThat(goals.isMissing(known)).isFalse();
        assertThat(goals.isMissing(missing)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"regexp", "of_tomorrow"})
    void wherePatternsAreNotUnderstoodNothingIsMissing(String condition) {
        assertThat(goals(EVENTS, goal(14, "Pattern", "action", "user", condition, "x.*"))
                        .isMissing("lost"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[{]"})
    void whatCannotBeReadIsNotKnown(String json) {
        assertThat(CounterGoals.of(json).isMissing("lost")).isFalse();
    }
}
