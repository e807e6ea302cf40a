package metrika.conversions.database;

import javax.sql.DataSource;

import org.apache.camel.spi.Registry;

/**
 * The database's connections, by what they are for. On all of them each statement commits by itself.
 *
 * @param writer for the one statement that stores conversions
 * @param status for what is looked up by its key: who comes, and what became of a batch
 * @param callers for what else the HTTP API does
 * @param reports for lists and sums, which may read much
 * @param delivery for uploads and polling
 * @param erasures for callers who have a person erased
 * @param leases for the beat of the leases of uploads, and nothing else
 */
public record Pools(
        DataSource writer,
        DataSource status,
        DataSource callers,
        DataSource reports,
        DataSource delivery,
        DataSource erasures,
        DataSource leases) {

    /** Gives them the names that routes have for them. */
    public void bind(Registry registry) {
        registry.bind("statusDatabase", status);
        registry.bind("apiDatabase", callers);
        registry.bind("reportsDatabase", reports);
        registry.bind("deliveryDatabase", delivery);
        registry.bind("erasureDatabase", erasures);
        registry.bind("leaseDatabase", leases);
    }

    /** The same connections for everything. */
    public static Pools of(DataSource all) {
        return new Pools(all, all, all, all, all, all, all);
    }
}
