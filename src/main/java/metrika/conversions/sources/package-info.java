/**
 * Files that sources lay down: CSV and JSON of any size, read as streams into rows, and stored part by part.
 *
 * <p>{@link metrika.conversions.sources.SourceFiles} has the steps of the route {@code store-file}.
 */
package metrika.conversions.sources;
