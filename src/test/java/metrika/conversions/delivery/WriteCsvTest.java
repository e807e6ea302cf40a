package metrika.conversions.delivery;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.dataformat.csv.CsvDataFormat;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.postgresql.PGConnection;

import metrika.conversions.intake.ConversionField;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.text.StorableText;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The route that writes what Metrika gets, beside what PostgreSQL writes of the same rows. */
class WriteCsvTest {

    private static final String COPY =
            "copy (select \"ClientId\", \"UserId\", \"Yclid\", \"PurchaseId\", \"Target\", \"DateTime\","
                    + " \"Price\"::text, \"Currency\" from shown order by position) to stdout (format csv, header)";

    private static Connection connection;
    private static DefaultCamelContext context;
    private static ProducerTemplate caller;

    @BeforeContainer
    static void start() throws Exception {
        connection = TestDatabase.empty().connection();
        try (var statement = connection.createStatement()) {
            statement.execute("create temporary table shown (\"ClientId\" text, \"UserId\" text, \"Yclid\" text,"
                    + " \"PurchaseId\" text, \"Target\" text, \"DateTime\" bigint, \"Price\" numeric,"
                    + " \"Currency\" text, position bigint)");
        }
        context = new DefaultCamelContext();
        context.getRegistry().bind("copyCsvMarshaller", new CopyCsvMarshaller());
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(PluginHelper.getResourceLoader(context)
                        .resolveResource("file:routes/delivery/write-csv.camel.yaml"));
        context.start();
        caller = context.createProducerTemplate();
    }

    @AfterContainer
    static void stop() throws Exception {
        context.close();
        connection.close();
    }

    /** Whatever PostgreSQL can hold, which is more than the rules let in. */
    private static Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                        Arbitraries.strings().ofMaxLength(6),
                        Arbitraries.of("\\.", "\r\n", ",", "\"", "\"\"", "#1001", "!", " a ", "null", "покупка", "😀"),
                        Arbitraries.strings().withChars(",\"\n\r\t #!;'\\a").ofMaxLength(5))
                .filter(StorableText::isStorable)
                .injectNull(0.2);
    }

    @Provide
    static Arbitrary<List<Map<String, Object>>> rows() {
        return Combinators.combine(
                        texts().list().ofSize(6),
                        Arbitraries.longs().between(0, 4_000_000_000L),
                        Arbitraries.bigDecimals()
                                .between(BigDecimal.ZERO, new BigDecimal("1e15"))
                                .ofScale(4)
                                .injectNull(0.3))
                .as(WriteCsvTest::row)
                .list()
                .ofMaxSize(30);
    }

    private static Map<String, Object> row(List<String> texts, long dateTime, BigDecimal price) {
        var values = texts.iterator();
        var row = new LinkedHashMap<String, Object>();
        for (var field : ConversionField.values()) {
            row.put(
                    field.header(),
                    switch (field) {
                        case DATE_TIME -> dateTime;
                        case PRICE -> price == null ? null : price.toPlainString();
                        default -> values.next();
                    });
        }
        return row;
    }

    @Property(tries = 300)
    void rowsAreWrittenAsPostgresqlWritesThem(@ForAll("rows") List<Map<String, Object>> rows) throws Exception {
        var written = caller.requestBody("direct:write-csv", rows.iterator(), byte[].class);
        assertThat(new String(written, StandardCharsets.UTF_8)).isEqualTo(copied(rows));
    }

    private static String copied(List<Map<String, Object>> rows) throws IOException, SQLException {
        try (var statement = connection.createStatement();
                var insert = connection.prepareStatement("insert into shown select * from unnest(?::text[], ?::text[],"
                        + " ?::text[], ?::text[], ?::text[], ?::bigint[], ?::numeric[], ?::text[]) with ordinality")) {
            statement.execute("truncate shown");
            for (var field : ConversionField.values()) {
                insert.setObject(
                        field.ordinal() + 1,
                        rows.stream()
                                .map(row -> row.get(field.header()))
                                .map(value -> value == null ? null : value.toString())
                                .toArray(String[]::new));
            }
            insert.execute();
        }
        var copy = new ByteArrayOutputStream();
        connection.unwrap(PGConnection.class).getCopyAPI().copyOut(COPY, copy);
        return copy.toString(StandardCharsets.UTF_8);
    }

    /** A disk may be full when the last bytes are written. */
    @Example
    void aFileWhoseEndCannotBeWrittenIsNone() throws Exception {
        var format = new CsvDataFormat();
        format.setHeader(String.join(",", ConversionField.headers()));
        format.setMarshallerFactory(new CopyCsvMarshaller());
        format.start();
        var row = row(Arrays.asList("1", null, null, null, "purchase", null), 1764057600L, null);
        var full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        assertThatThrownBy(() -> format.marshal(new DefaultExchange(context), Collections.nCopies(3, row), full))
                .hasStackTraceContaining("No space left on device");
    }
}
