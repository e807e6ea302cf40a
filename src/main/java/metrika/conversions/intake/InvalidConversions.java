package metrika.conversions.intake;

import metrika.conversions.problem.HasProblem;
import metrika.conversions.problem.ProblemException;

/** Conversions that were refused, whole, because of some that break the rules. */
public final class InvalidConversions extends RuntimeException implements HasProblem {

    private static final long serialVersionUID = 1L;

    private final transient RowNotices errors;
    private final int total;

    /**
     * @param invalid how many of the conversions are invalid
     * @param total how many there are
     */
    InvalidConversions(int invalid, int total, RowNotices errors) {
        super(
                invalid == 1
                        ? "1 of %d conversions is invalid".formatted(total)
                        : "%d of %d conversions are invalid".formatted(invalid, total),
                null,
                false,
                false);
        this.errors = errors;
        this.total = total;
    }

    /** What is wrong, by conversion. */
    public RowNotices errors() {
        return errors;
    }

    /** How many conversions were refused, with those that are right. */
    int total() {
        return total;
    }

    @Override
    public ProblemException problem() {
        return ProblemException.of(400, getMessage(), errors.toList());
    }
}
