package metrika.conversions.support;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;

import metrika.conversions.problem.Json;

/** Conversions to send. */
public final class Samples {

    private Samples() {}

    /** A valid conversion as JSON, an hour old. */
    public static String conversion() {
        return conversion(new Object[0]);
    }

    /**
     * The same with fields replaced or added, name and value by turns; a value of {@code REMOVED} takes a field away.
     */
    public static String conversion(Object... fields) {
        var conversion = new LinkedHashMap<String, Object>();
        conversion.put("client_id", "1234567890123456789");
        conversion.put("target", "purchase");
        conversion.put(
                "date_time",
                Instant.now()
                        .minus(1, ChronoUnit.HOURS)
                        .truncatedTo(ChronoUnit.SECONDS)
                        .toString());
        for (int i = 0; i < fields.length; i += 2) {
            if (fields[i + 1] == REMOVED) {
                conversion.remove(fields[i]);
            } else {
                conversion.put((String) fields[i], fields[i + 1]);
            }
        }
        return Json.write(conversion);
    }

    /** Stands for a field that is not there. */
    public static final Object REMOVED = new Object();

    /** A request of so many conversions, each with a purchase_id of its own. */
    public static String request(int size, String prefix) {
        var body = new StringBuilder("{\"conversions\":[");
        for (int i = 0; i < size; i++) {
            body.append(i == 0 ? "" : ",").append(conversion("purchase_id", prefix + i));
        }
        return body.append("]}").toString();
    }
}
