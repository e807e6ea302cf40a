package metrika.conversions.intake;

import java.util.HashMap;
import java.util.Map;

import metrika.conversions.text.StorableText;

/** The rule that a target is a goal of the counter, as far as its goals are known. */
final class TargetRule {

    private static final String CODE = "goal_not_found";

    private final CounterGoals goals;
    private final boolean isRejecting;
    private final RuleReport report;
    /** What is said of each target; the same one comes again and again. */
    private final Map<String, String> messages = new HashMap<>();

    /** @param isRejecting whether an unknown target is an error, else a warning */
    TargetRule(CounterGoals goals, boolean isRejecting, RuleReport report) {
        this.goals = goals;
        this.isRejecting = isRejecting;
        this.report = report;
    }

    /** Whether a target is taken; what is wrong with it is reported. */
    boolean takes(String target) {
        if (!goals.isMissing(target)) {
            return true;
        }
        if (isRejecting) {
            report.error(ConversionField.TARGET, CODE, message(target) + " (rules.unknown-target)");
        } else if (report.isFirst(target, CODE)) {
            report.warn(target, ConversionField.TARGET.toString(), CODE, message(target));
        }
        return !isRejecting;
    }

    private String message(String target) {
        // More are not shown: the nearest goals are not looked for in vain
        var isShown = messages.size() < RowNotices.SHOWN;
        var known = messages.get(target);
        if (known != null) {
            return known;
        }
        var message = "target is %s, and Metrika has no such goal for the counter%s"
                .formatted(StorableText.quoted(target), isShown ? ". " + goals.advice(target) : "");
        if (isShown) {
            messages.put(target, message);
        }
        return message;
    }
}
