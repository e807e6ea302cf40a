package metrika.conversions.intake;

import metrika.conversions.web.HasProblem;
import metrika.conversions.web.Problem;

/** Conversions that were refused, whole, because of some that break the rules. */
public final class InvalidConversions extends RuntimeException implements HasProblem {

    private static final long serialVersionUID = 1L;

    private final transient RowNotes errors;

    /**
     * @param invalid how many of the conversions are invalid
     * @param total   how many there are
     */
    InvalidConversions(int invalid, int total, RowNotes errors) {
        super(invalid == 1 ? "1 of %d conversions is invalid".formatted(total)
                : "%d of %d conversions are invalid".formatted(invalid, total), null, false, false);
        this.errors = errors;
    }

    /** What is wrong, by conversion. */
    public RowNotes errors() {
        return errors;
    }

    @Override
    public Problem problem() {
        return Problem.of(400, getMessage(), errors.toList());
    }
}
