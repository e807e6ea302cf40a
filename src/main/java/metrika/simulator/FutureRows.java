package metrika.simulator;

/**
 * What a row whose DateTime lies in the future does. Metrika documents that it must not, but not whether the row or the
 * whole file falls.
 */
public enum FutureRows {
    /** The row is taken like any other. */
    ACCEPT,
    /** The row is counted in source_quantity and left out of line_quantity. */
    REJECT_ROW,
    /** The file is answered with 400 and not kept. */
    REJECT_FILE
}
