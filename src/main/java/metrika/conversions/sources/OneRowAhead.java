package metrika.conversions.sources;

import java.util.NoSuchElementException;

import metrika.conversions.intake.SourceRow;

/** Rows of which the next one is read already, so that a fault in it is known with the row before it. */
abstract class OneRowAhead implements RowReader {

    private SourceRow next;

    /**
     * The next row; {@code null} at the end.
     *
     * @throws BrokenFileException when what follows cannot be read
     */
    abstract SourceRow read();

    /** To be called once when all is set up, for the first row. */
    final void advance() {
        next = read();
    }

    @Override
    public final boolean hasNext() {
        return next != null;
    }

    @Override
    public final SourceRow next() {
        if (next == null) {
            throw new NoSuchElementException();
        }
        var row = next;
        advance();
        return row;
    }
}
