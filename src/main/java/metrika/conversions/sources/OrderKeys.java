package metrika.conversions.sources;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import metrika.conversions.auth.SecretGenerator;
import metrika.conversions.intake.ConversionField;
import metrika.conversions.intake.MappedConversion;
import metrika.conversions.intake.RowKey;
import metrika.conversions.intake.SourceRow;
import metrika.conversions.problem.Json;

/**
 * The idempotency keys of orders: which goals of which orders they are, so that the same said again is stored once.
 * What has no {@code purchase_id} is told by who did it when, and what {@code columns} give a key by that. A key is
 * kept as a hash: a batch outlives its conversions, and when a person is erased nothing may be left that names it.
 */
public final class OrderKeys {

    private static final List<String> PARTS_OF_ORDER = List.of("purchase_id", "target");
    private static final List<String> PARTS_OF_PERSON = Stream.concat(
                    ConversionField.namesOfVisitors().stream(), Stream.of("target", "date_time"))
            .toList();

    private OrderKeys() {}

    /** The key that a source has given a message itself. */
    static String given(String source, String key) {
        return hashed(source, "key/" + source + "/" + key.strip());
    }

    /**
     * The key of conversions.
     *
     * @param source its name, so that the numbers of different systems do not meet
     * @param orders maps, or rows with their places
     * @return {@code null} when a conversion has neither a number nor a time of its own: the next one may be another
     */
    static String of(String source, Collection<?> orders) {
        var key = new StringBuilder(source);
        for (var each : orders) {
            var row = each instanceof SourceRow placed ? placed.fields() : (Map<?, ?>) each;
            var own = MappedConversion.keyOf(row);
            if (own != null) {
                key.append("/k").append(own.length()).append(':').append(own);
                continue;
            }
            var isNumbered = row.get("purchase_id") != null;
            if (!isNumbered && row.get("date_time") instanceof ArrivalTime) {
                return null;
            }
            // Each part with its length before it: no two lists of parts are written alike
            for (var name : isNumbered ? PARTS_OF_ORDER : PARTS_OF_PERSON) {
                var part = row.get(name) == null ? "" : row.get(name).toString();
                key.append('/').append(part.length()).append(':').append(part);
            }
        }
        return hashed(source, key.toString());
    }

    /**
     * What a key is made of, for people.
     *
     * @param key that {@link #of} or {@link #given} has made
     * @param orders that it stands for
     */
    public static String origin(String key, Collection<? extends SourceRow> orders) {
        var source = key.replaceFirst("(?s):[^:]*$", "");
        if (!key.equals(of(source, orders))) {
            return "the variable idempotency-key";
        }
        var first = orders.iterator().next().fields();
        return MappedConversion.keyOf(first) != null
                ? "the key of columns, '%s'".formatted(MappedConversion.keyOf(first))
                : String.join(", ", first.get("purchase_id") != null ? PARTS_OF_ORDER : PARTS_OF_PERSON);
    }

    /** The keys of rows of a file; {@code null} for those that are no order. */
    static List<RowKey> ofRows(String source, List<SourceRow> rows) {
        return rows.stream()
                .map(row -> row.fault() != null || MappedConversion.isLeftOut(row.fields())
                        ? null
                        : new RowKey(
                                of(source, List.of(row)),
                                SecretGenerator.sha256(
                                        Json.write(new TreeMap<>(row.fields())).getBytes(StandardCharsets.UTF_8))))
                .toList();
    }

    private static String hashed(String source, String key) {
        return source + ":" + HexFormat.of().formatHex(SecretGenerator.sha256(key.getBytes(StandardCharsets.UTF_8)));
    }
}
