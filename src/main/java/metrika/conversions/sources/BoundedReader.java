package metrika.conversions.sources;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/** Keeps one row from filling the memory, as a quote does that is never closed. */
final class BoundedReader extends FilterReader {

    /** More than any row has, with what parsers read ahead. */
    static final int MAX_CHARACTERS = 1 << 20;

    private int sinceRow;

    BoundedReader(Reader in) {
        super(in);
    }

    /** A row ends here. */
    void endRow() {
        sinceRow = 0;
    }

    boolean isExceeded() {
        return sinceRow > MAX_CHARACTERS;
    }

    @Override
    public int read() throws IOException {
        var character = super.read();
        count(character < 0 ? -1 : 1);
        return character;
    }

    @Override
    public int read(char[] buffer, int offset, int length) throws IOException {
        return count(super.read(buffer, offset, length));
    }

    private int count(int read) throws IOException {
        sinceRow += Math.max(read, 0);
        if (isExceeded()) {
            throw new IOException("more than %d characters in one row".formatted(MAX_CHARACTERS));
        }
        return read;
    }
}
