package metrika.simulator;

/** The calls that Metrika takes; {@code ANY} stands for all of them in a {@link Fault}. */
public enum Operation {
    UPLOAD,
    LIST,
    BY_ID,
    COUNTER,
    GOALS,
    CREATE_GOAL,
    ANY;

    boolean covers(Operation other) {
        return this == ANY || this == other;
    }
}
