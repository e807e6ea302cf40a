package metrika.simulator;

/** The order of the list of uploads, which Metrika does not document; newest first is what its clients saw. */
public enum ListOrder {
    NEWEST,
    OLDEST
}
