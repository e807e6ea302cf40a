package metrika.conversions;

import java.util.Map;
import java.util.TreeMap;

import metrika.conversions.settings.Settings;

/**
 * The time-outs of Camel's HTTP clients, in milliseconds: given as ISO 8601 durations, Camel 4.18 binds them as 0, and
 * waits for ever. Endpoints may have shorter ones of their own.
 */
final class HttpTimeouts {

    private HttpTimeouts() {}

    /** The properties of Camel's components that set them. */
    static Map<String, String> of(Settings settings) {
        var connect =
                String.valueOf(settings.duration("metrika.connect-timeout").toMillis());
        var response =
                String.valueOf(settings.duration("metrika.response-timeout").toMillis());
        var properties = new TreeMap<String, String>();
        for (var scheme : new String[] {"http", "https"}) {
            var component = "camel.component." + scheme + ".";
            properties.put(component + "connectTimeout", connect);
            properties.put(component + "responseTimeout", response);
            // Which is how long a call waits for a connection that others have: three minutes, if it is not set
            properties.put(component + "connectionRequestTimeout", connect);
        }
        return properties;
    }
}
