package metrika.simulator;

/** How many of the visitors in a file Metrika recognises. */
public enum Linkage {
    /** Every row is linked. */
    ALL,
    /** No row is linked, and the upload ends in LINKAGE_FAILURE. */
    NONE,
    /** Every second row is linked, the first of the file included. */
    HALF
}
