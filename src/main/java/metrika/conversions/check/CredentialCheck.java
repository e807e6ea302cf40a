package metrika.conversions.check;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;

import metrika.conversions.settings.Settings;

/**
 * Credentials that a source names and that are empty while it is switched on. Some sources may do without one, so it is
 * a warning, not a fault.
 */
public final class CredentialCheck {

    private static final Pattern CREDENTIAL =
            Pattern.compile("inbound\\.[^.]+\\.(?:.*[.-])?(?:password|secret|token|key)-?\\d*");
    /** Of a file that need not be there. */
    private static final Pattern OF_STORE = Pattern.compile(".*\\b(?:truststore|keystore)-(?:password|key).*");

    private static final String SIGNATURE_KEY = "signature-key";
    /** What a password is not needed with, or without. */
    private static final String KEY_FILE = "private-key-file";

    private static final String USER = "username";

    private final Settings settings;

    public CredentialCheck(Settings settings) {
        this.settings = settings;
    }

    /** Whether a setting of a source is a credential, by its name. */
    public static boolean isCredential(String setting) {
        return CREDENTIAL.matcher(setting).matches();
    }

    /** The settings that are empty, by the ids of the sources that name them. */
    public Map<String, Set<String>> empty(List<Path> files) {
        var empty = new TreeMap<String, Set<String>>();
        for (var path : files) {
            var file = YamlFile.read(path, fault -> {}); // told with the faults of routes
            if (file != null) {
                file.tree().forEach(item -> {
                    var route = item.path("route");
                    if (isOn(route)) {
                        var found = new TreeSet<String>();
                        gather(route, false, found);
                        if (!found.isEmpty()) {
                            empty.put(route.path("id").asText(), found);
                        }
                    }
                });
            }
        }
        return empty;
    }

    private boolean isOn(JsonNode route) {
        var condition =
                RouteCheck.PLACEHOLDER.matcher(route.path("precondition").asText());
        return route.has("from") && (!condition.find() || "true".equals(found(condition.group(2))));
    }

    /** @param isKey whether it is the expression of the variable with the key of a signature */
    private void gather(JsonNode node, boolean isKey, Set<String> empty) {
        if (node.isTextual()) {
            RouteCheck.PLACEHOLDER
                    .matcher(node.asText())
                    .results()
                    .filter(place -> place.group(1) == null && place.group(3) == null)
                    .map(place -> place.group(2))
                    .filter(name -> isKey || isCredential(name) && isNeeded(name))
                    .filter(name -> settings.isKnown(name) && settings.fault(name) == null)
                    .filter(name -> settings.find(name) == null)
                    .forEach(empty::add);
        }
        var isOfKey = isKey || SIGNATURE_KEY.equals(node.path("name").asText());
        StreamSupport.stream(node.spliterator(), false).forEach(child -> gather(child, isOfKey, empty));
    }

    /** Whether a source does not say that it goes without. */
    private boolean isNeeded(String name) {
        var source = name.substring(0, name.indexOf('.', "inbound.".length()) + 1);
        if (OF_STORE.matcher(name).matches()) {
            return false;
        }
        if (name.endsWith("password")) {
            return found(source + KEY_FILE) == null && !isKnownAndEmpty(source + USER);
        }
        return !name.startsWith(source + "signature-")
                || !isKnownAndEmpty(source + "signature") && !isKnownAndEmpty(source + "signature-field")
                || found(source + "signature") != null
                || found(source + "signature-field") != null;
    }

    private boolean isKnownAndEmpty(String name) {
        return settings.isKnown(name) && found(name) == null;
    }

    /** @return {@code null} also for what cannot be read, which is told elsewhere */
    private String found(String name) {
        return settings.fault(name) == null ? settings.find(name) : null;
    }
}
