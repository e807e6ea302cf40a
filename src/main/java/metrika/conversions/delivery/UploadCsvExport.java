package metrika.conversions.delivery;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;

import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.converter.stream.CachedOutputStream;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.camel.util.IOHelper;
import org.postgresql.PGConnection;

import metrika.conversions.database.SqlFile;

/**
 * An upload's file, as Metrika takes it: {@code upload-content.sql}, copied out of PostgreSQL as CSV. It is spooled to
 * disk, so that memory does not grow with it, its length is known, and no database connection is held while it is
 * posted, which may take long. It is closed when its exchange is done, whatever came of it: what Camel spools by itself
 * in the parts of a split it closes with the whole, here when the sender has run out of uploads.
 */
public final class UploadCsvExport {

    /** The property of the exchange that has the file: what is a variable Camel would read, to keep it itself. */
    static final String CSV = "csv";

    private final DataSource database;
    private final String range = SqlFile.text("delivery/upload-range");
    private final String select = SqlFile.text("delivery/upload-content");

    public UploadCsvExport(DataSource database) {
        this.database = database;
    }

    /**
     * Makes the property {@code csv} of the exchange the file of the upload that is the variable {@code upload}: UTF-8,
     * a line of column names, lines that end with LF. One that was read before is closed.
     *
     * @throws IOException when it cannot be spooled
     * @throws SQLException when the database is away
     */
    public void spool(Exchange exchange, @Variable("upload") Map<String, ?> upload) throws IOException, SQLException {
        IOHelper.close(exchange.getProperty(CSV, CachedOutputStream.class));
        var id = ((Number) upload.get("id")).longValue();
        var file = new CachedOutputStream(exchange, false);
        exchange.setProperty(CSV, file);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                IOHelper.close(file);
            }
        });
        try (Connection connection = database.getConnection()) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("copy (" + rows(connection, id) + ") to stdout (format csv, header)", file);
        }
    }

    /**
     * The query for the rows, with its values in it: COPY takes no parameters. A number and a UUID say nothing but
     * themselves.
     */
    private String rows(Connection connection, long upload) throws SQLException {
        try (var statement = connection.prepareStatement(range)) {
            statement.setLong(1, upload);
            try (var row = statement.executeQuery()) {
                row.next();
                return select.replace(":?id", Long.toString(upload))
                        .replace(":?first", literal(row.getObject("first", UUID.class)))
                        .replace(":?last", literal(row.getObject("last", UUID.class)));
            }
        }
    }

    private static String literal(UUID id) {
        return id == null ? "null" : "'" + id + "'";
    }
}
