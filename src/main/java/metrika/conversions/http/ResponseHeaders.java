package metrika.conversions.http;

import java.util.LinkedHashMap;
import java.util.Map;

/** What every answer carries, so that no browser and no cache makes more of it than JSON for the one who asked. */
public final class ResponseHeaders {

    /** On every answer. */
    public static final Map<String, String> ALWAYS = ordered(
            "Cache-Control", "no-store",
            "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'",
            "Referrer-Policy", "no-referrer",
            "X-Content-Type-Options", "nosniff");
    /**
     * On every answer of the dashboard: pages with a script and a style sheet from the same place. The referrer is kept
     * within it, since without one browsers do not say either which page a form comes from.
     */
    public static final Map<String, String> OF_DASHBOARD = ordered(
            "Cache-Control", "no-store",
            "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                            + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            "Referrer-Policy", "same-origin",
            "X-Content-Type-Options", "nosniff");
    /** When the caller came by TLS: for a year it shall come in no other way. */
    static final String HSTS = "Strict-Transport-Security";

    static final String HSTS_VALUE = "max-age=31536000";

    private ResponseHeaders() {}

    private static Map<String, String> ordered(String... namesAndValues) {
        var headers = new LinkedHashMap<String, String>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }
}
