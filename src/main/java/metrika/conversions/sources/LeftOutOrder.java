package metrika.conversions.sources;

import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;

import metrika.conversions.intake.MappedConversion;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.SourceRow;
import metrika.conversions.problem.Json;

/**
 * An order of a message that is not stored.
 *
 * @param line where it stands in its message, from 1: a line of CSV, else its position
 * @param order its number, or {@code null}
 * @param field the field that it is about; empty when it is about the whole of it
 * @param code why, for programs: {@value #NO_IDENTIFIER}, {@value #NO_PURCHASE}, {@value #KNOWN}, or what is wrong with
 *     it
 * @param reason why, for people
 * @param isFault whether somebody has to correct it; otherwise an everyday order with nothing to count
 * @param fields what was given of it
 */
record LeftOutOrder(
        long line, String order, String field, String code, String reason, boolean isFault, Map<String, ?> fields) {

    static final String NO_IDENTIFIER = "no_identifier";
    static final String NO_PURCHASE = "no_purchase";
    /** It came before with other values, and what came first stays. */
    static final String KNOWN = "known";

    static final String INVALID = "invalid";

    /** One that came before with other values, which are no longer of interest. */
    static LeftOutOrder known(SourceRow row) {
        return new LeftOutOrder(
                row.line(), HttpSource.order(row.fields()), "", KNOWN, RejectedRow.CHANGED, false, row.fields());
    }

    /** One that the store has refused. */
    static LeftOutOrder of(RejectedRow row) {
        return new LeftOutOrder(row.line(), order(row), row.field(), INVALID, row.reason(), true, Map.of());
    }

    /** Where good rows are stored without the bad ones, a row's source is the conversion in JSON. */
    private static String order(RejectedRow row) {
        try {
            return row.row().isEmpty()
                    ? null
                    : HttpSource.order(Json.MAPPER.readValue(row.row().get(0), Map.class));
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    LeftOutOrder at(long place) {
        return new LeftOutOrder(place, order, field, code, reason, isFault, fields);
    }

    /** What was given of it, as JSON for people. */
    String shown() {
        return Json.write(MappedConversion.shown(fields));
    }

    /** As it is in a response. */
    Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("line", line);
        if (order != null) {
            map.put("order", order);
        }
        if (!field.isEmpty()) {
            map.put("field", field);
        }
        map.put("code", code);
        map.put("reason", reason);
        return map;
    }
}
