package metrika.conversions.sources;

import java.io.Closeable;
import java.util.Iterator;
import java.util.List;

import metrika.conversions.intake.SourceRow;

/** The rows of a file, one after another. What is no row of that kind throws a {@link BrokenFileException}. */
interface RowReader extends Iterator<SourceRow>, Closeable {

    /** The names of a row's source values. */
    List<String> header();

    /** Columns that stand for no field. */
    default List<String> unused() {
        return List.of();
    }
}
