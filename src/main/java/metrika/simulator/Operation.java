package metrika.simulator;

/** The calls that Metrika takes; {@code ANY} stands for all of them in a {@link Fault}. */
public enum Operation {
    UPLOAD,
    LIST,
    BY_ID,
    GOALS,
    ANY;

    boolean covers(Operation other) {
        return this == ANY || this == other;
    }
}
