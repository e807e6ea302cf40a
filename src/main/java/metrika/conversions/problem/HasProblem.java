package metrika.conversions.problem;

/** An exception that knows what it means to a caller of the HTTP API. */
public interface HasProblem {

    /** What to answer with. */
    ProblemException problem();
}
