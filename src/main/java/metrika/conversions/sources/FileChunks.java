package metrika.conversions.sources;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;

import metrika.conversions.intake.FileChunk;
import metrika.conversions.intake.SourceRow;

/** The parts of a file, whose keys are made of its content's hash and their numbers. */
final class FileChunks implements Iterator<FileChunk>, Closeable {

    /**
     * Rows of a part. Not a setting: a file read again has to fall into the same parts, whatever has been set since.
     */
    private static final int PART_ROWS = 1000;

    private final RowReader rows;
    private final String hash;
    private final String eachRowOf;
    private final boolean isChangeIgnored;
    private int number;

    /**
     * @param rows {@code null} when there are none; closed with this
     * @param hash of the file's content
     * @param eachRowOf the source by whose name each row has a key of its own; {@code null}: they have none
     * @param isChangeIgnored whether a row that came before with other values is no fault
     */
    FileChunks(RowReader rows, String hash, String eachRowOf, boolean isChangeIgnored) {
        this.rows = rows;
        this.hash = hash;
        this.eachRowOf = eachRowOf;
        this.isChangeIgnored = isChangeIgnored;
    }

    @Override
    public boolean hasNext() {
        return rows != null && rows.hasNext();
    }

    @Override
    public FileChunk next() {
        var part = new ArrayList<SourceRow>(PART_ROWS);
        while (part.size() < PART_ROWS && rows.hasNext()) {
            part.add(rows.next());
        }
        return new FileChunk(
                "file:%s:%d".formatted(hash, ++number),
                part,
                eachRowOf == null ? null : OrderKeys.ofRows(eachRowOf, part),
                isChangeIgnored);
    }

    @Override
    public void close() throws IOException {
        if (rows != null) {
            rows.close();
        }
    }
}
