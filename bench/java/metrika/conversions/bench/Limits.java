package metrika.conversions.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

import org.postgresql.PGConnection;

/** What the database itself can do: that which the product's figures are held against. */
final class Limits {

    private static final String INSERT = """
        with b as (
          insert into batch (id, webhook_id, total, earliest, ready_at)
          values (gen_random_uuid(), '%s', 1, to_timestamp(1751373296), to_timestamp(1751373297)) returning id)
        insert into conversion (batch_id, position, client_id, target, date_time, price, currency, purchase_id)
        select id, 0, '1234567890.1234567890', 'purchase', 1751373296, 1500.50, 'RUB', 'order123' from b
        """;

    private final String url;
    private final String plain;
    private final UUID webhook;
    private final ProcessHandle server;

    /**
     * @param url of the product's database; beside it are {@link PlainTables} from now on
     * @param webhook of the product
     */
    Limits(String url, UUID webhook) throws SQLException {
        this.url = url;
        this.webhook = webhook;
        plain = PlainTables.beside(url);
        try (var connection = DriverManager.getConnection(url)) {
            var backend = connection.unwrap(PGConnection.class).getBackendPID();
            server = ProcessHandle.of(backend).flatMap(ProcessHandle::parent).orElseThrow();
        }
    }

    /** The processor time that the database has taken. */
    ProcessorTime processorTime() {
        return ProcessorTime.ofAll(server);
    }

    UUID webhook() {
        return webhook;
    }

    /** The address of the plain tables as libpq and node-postgres take it. */
    String nodeUrl() {
        return plain.replaceFirst("jdbc:postgresql://", "postgresql://").replaceFirst("\\?user=([^&]+).*", "?user=$1");
    }

    /**
     * One conversion a statement into plain tables, each committed, on so many connections: statements a second. With
     * pgbench where it is.
     */
    double statements(int connections, double seconds) throws Exception {
        return hasPgbench() ? pgbench(connections, seconds) : jdbc(connections, seconds);
    }

    static boolean hasPgbench() {
        return hasProgram("pgbench");
    }

    static boolean hasProgram(String name) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }

    private double pgbench(int connections, double seconds) throws IOException {
        var script = Files.createTempFile("insert", ".sql");
        Files.writeString(script, INSERT.formatted(webhook).replace('\n', ' ') + ";\n");
        var process = new ProcessBuilder(
                        "pgbench",
                        "-n",
                        "-M",
                        "prepared",
                        "-c",
                        String.valueOf(connections),
                        "-j",
                        "2",
                        "-T",
                        String.valueOf((int) Math.ceil(seconds)),
                        "-f",
                        script.toString(),
                        nodeUrl())
                .redirectErrorStream(true)
                .start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Files.delete(script);
        var line = said.lines()
                .filter(each -> each.startsWith("tps = "))
                .reduce((first, second) -> second)
                .orElseThrow(() -> new IllegalStateException("pgbench failed: " + said));
        return Double.parseDouble(line.split(" ")[2]);
    }

    private double jdbc(int connections, double seconds) throws Exception {
        var threads = Executors.newFixedThreadPool(connections);
        var end = System.nanoTime() + (long) (seconds * 1e9);
        var counts = new ArrayList<Future<Integer>>();
        for (int i = 0; i < connections; i++) {
            counts.add(threads.submit(() -> {
                var count = 0;
                try (var connection = DriverManager.getConnection(plain);
                        var statement = connection.prepareStatement(INSERT.formatted(webhook))) {
                    for (; System.nanoTime() < end; count++) {
                        statement.executeUpdate();
                    }
                }
                return count;
            }));
        }
        var all = 0;
        for (var count : counts) {
            all += count.get();
        }
        threads.shutdown();
        return all / seconds;
    }

    /** COPY of rows like those of the requests into a plain table, a thousand to a commit: rows a second. */
    double copyIn(double seconds) throws SQLException, IOException {
        try (var connection = DriverManager.getConnection(plain)) {
            var copy = connection.unwrap(PGConnection.class).getCopyAPI();
            var rows = 0L;
            var start = System.nanoTime();
            while (System.nanoTime() - start < seconds * 1e9) {
                var batch = new UUID(
                        System.currentTimeMillis() << 16 | 0x7000,
                        ThreadLocalRandom.current().nextLong() >>> 2 | 1L << 63);
                var text = new StringBuilder();
                for (int i = 0; i < 1000; i++) {
                    text.append(batch)
                            .append('\t')
                            .append(i)
                            .append("\t1234567890.1234567890\t\\N\t\\N\torder")
                            .append(i)
                            .append("\tpurchase\t1751373296\t1500.50\tRUB\n");
                }
                var bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
                var in = copy.copyIn(
                        "copy conversion (batch_id, position, client_id, user_id, yclid, purchase_id, target,"
                                + " date_time, price, currency) from stdin");
                in.writeToCopy(bytes, 0, bytes.length);
                rows += in.endCopy();
            }
            return rows / ((System.nanoTime() - start) / 1e9);
        }
    }

    /** COPY of the rows of planned uploads out of the database, to nowhere: rows a second. */
    double copyOut() throws SQLException, IOException {
        try (var connection = DriverManager.getConnection(url)) {
            var start = System.nanoTime();
            var rows = connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("""
                        copy (select c.client_id, c.user_id, c.yclid, c.purchase_id, c.target,
                                     c.date_time, c.price, c.currency
                                from batch b join conversion c on c.batch_id = b.id
                               where b.webhook_id = '%s' and b.upload_id is null order by b.id, c.position)
                          to stdout (format csv, header)\
                        """.formatted(webhook), OutputStream.nullOutputStream());
            return rows / ((System.nanoTime() - start) / 1e9);
        }
    }
}
