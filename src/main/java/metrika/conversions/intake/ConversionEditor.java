package metrika.conversions.intake;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import org.apache.camel.Body;
import org.apache.camel.Exchange;

import metrika.conversions.problem.Json;

/**
 * The steps by which {@code edit-conversions} changes conversions before the rules see them. An idempotency key goes on
 * standing for what was sent, not for what was made of it.
 */
public final class ConversionEditor {

    /**
     * The exchange's property: the conversions that are edited. Not a variable, since what an expression sets of these
     * does not last.
     */
    static final String EDITED = "metrika.edited";
    /** Numbers stay as they were written. */
    private static final ObjectReader VALUES =
            Json.MAPPER.readerFor(Object.class).with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private final int maxConversions;

    /** @param maxConversions of a request */
    public ConversionEditor(int maxConversions) {
        this.maxConversions = maxConversions;
    }

    /**
     * The conversions of the variable {@code incoming}, each to be edited before it is checked; none when it is not
     * what conversions come in: the rules will say so.
     */
    public List<EditedConversion> conversions(Exchange exchange) {
        var incoming = exchange.getVariable(ReadConversions.INCOMING, IncomingConversions.class);
        var rows = incoming.part() != null
                ? incoming.part().rows().stream().map(SourceRow::fields).toList()
                : incoming.rows() != null ? incoming.rows() : rows(incoming.json());
        if (rows.isEmpty() || rows.size() > maxConversions) {
            return List.of();
        }
        var conversions = rows.stream().map(EditedConversion::new).toList();
        exchange.setProperty(EDITED, incoming.edited(conversions));
        return conversions;
    }

    @SuppressWarnings("unchecked")
    private static List<? extends Map<String, ?>> rows(byte[] json) {
        try {
            var rows = new ArrayList<Map<String, ?>>();
            if (!(VALUES.readValue(json) instanceof Map<?, ?> request)
                    || !(request.get("conversions") instanceof List<?> given)) {
                return List.of();
            }
            for (var row : given) {
                if (!(row instanceof Map<?, ?>)) {
                    return List.of();
                }
                rows.add((Map<String, ?>) row);
            }
            return rows;
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Gives a field another value. */
    public void set(@Body EditedConversion conversion, String field, Object value) {
        conversion.put(field, value);
    }

    /** Takes a field away. */
    public void remove(@Body EditedConversion conversion, String field) {
        conversion.remove(field);
    }

    /** Leaves the conversion out: it is neither stored nor refused. */
    public void leaveOut(@Body EditedConversion conversion) {
        conversion.leaveOut();
    }
}
