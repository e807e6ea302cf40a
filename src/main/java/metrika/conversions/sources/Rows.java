package metrika.conversions.sources;

import java.io.Closeable;
import java.util.Iterator;
import java.util.List;

import metrika.conversions.intake.Row;

/** The rows of a file, one after another. What is no row of that kind throws a {@link BrokenFileException}. */
interface Rows extends Iterator<Row>, Closeable {

    /** The names of a row's source values. */
    List<String> header();

    /** Columns that stand for no field. */
    default List<String> unused() {
        return List.of();
    }
}
