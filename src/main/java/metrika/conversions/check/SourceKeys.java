package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;

import metrika.conversions.settings.ReadableFile;
import metrika.conversions.settings.SettingException;

/**
 * Sources whose messages are not known again when they come twice, since nothing makes a key of them or a time is given
 * to them anew each time. They run: it is a warning, not a fault.
 */
public final class SourceKeys {

    private static final String DOOR = "direct:store-conversions";
    /** Make a key of the order's number, or of who did what when. */
    private static final Set<String> KEYING_DOORS =
            Set.of("direct:store-mapped", "direct:store-orders", "direct:store-message");
    /** Name what they store themselves. */
    private static final Set<String> NAMING_DOORS =
            Set.of("direct:store-file", "direct:store-mail", "direct:store-kafka-message");

    private static final Pattern PRECONDITION = Pattern.compile("\\{\\{([^}:?!]+)}}");
    /** A present time that Camel makes a text of: nobody can tell it from one that the sender gave. */
    private static final Pattern TEXT_OF_NOW = Pattern.compile("\\$\\{date:now\\b");

    private static final Pattern OFF_UNLESS = Pattern.compile("(?m)^\\s*precondition:\\s*[\"']?\\{\\{([^}:?!]+)}}");
    /** The doors' names begin so. */
    private static final String STORE = "direct:store-";

    private static final String SOURCE = "in-";
    private static final String KEY = "idempotency-key";

    private final List<Path> all;
    /** What was read: {@code null} for what is not YAML. Reading all would be a tenth of the start. */
    private final Map<Path, YamlFile> read = new HashMap<>();
    /** By what they begin with; empty until a route is called. */
    private final Map<String, JsonNode> routes = new HashMap<>();

    /** @param folder of all routes: a source may call others */
    public SourceKeys(Path folder) {
        all = FilesBelow.of(folder, RouteCheck.ROUTE);
    }

    /** What a source and the routes that it calls do with its messages. */
    private static final class Traits {

        private final Set<JsonNode> routes = new HashSet<>();
        private final Set<String> texts = new HashSet<>();
        private final Set<String> variables = new HashSet<>();
        private boolean isTimeGiven;
    }

    /** What is to be said of the sources in files. */
    public List<Finding> of(List<Path> files) {
        return findings(files, route -> true);
    }

    /**
     * What is to be said of those sources that are switched on.
     *
     * @param values of settings, by their names
     */
    public List<Finding> ofSwitchedOn(UnaryOperator<String> values) {
        return findings(all.stream().filter(file -> mayStore(file, values)).toList(), route -> {
            var setting = PRECONDITION.matcher(route.path("precondition").asText());
            return !setting.find() || "true".equals(values.apply(setting.group(1)));
        });
    }

    /** Whether a file may have a source that is switched on, by its text. */
    private static boolean mayStore(Path file, UnaryOperator<String> values) {
        if (ReadableFile.fault(file) != null) {
            return false; // told with the faults of routes
        }
        try {
            var text = Files.readString(file);
            var settings = OFF_UNLESS.matcher(text);
            return (text.contains(STORE) || file.getFileName().toString().startsWith(SOURCE))
                    && (settings.results().findAny().isEmpty()
                            || settings.reset()
                                    .results()
                                    .anyMatch(setting -> "true".equals(values.apply(setting.group(1)))));
        } catch (IOException e) {
            throw new SettingException("%s cannot be read: %s".formatted(file, ReadableFile.reason(file, e)));
        }
    }

    private List<Finding> findings(List<Path> files, Predicate<JsonNode> isWanted) {
        var findings = new ArrayList<Finding>();
        read(files).forEach(file -> {
            for (int i = 0; i < file.tree().size(); i++) {
                var route = file.tree().path(i).path("route");
                var isSource = !begin(route).startsWith("direct:")
                        || route.path("id").asText().startsWith(SOURCE);
                if (isSource && isWanted.test(route)) {
                    var warning = warning(traits(route));
                    if (warning != null) {
                        findings.add(new Finding(file.path(), file.line("/%d/route/from/uri".formatted(i)), warning));
                    }
                }
            }
        });
        return findings;
    }

    /** @return {@code null} when its messages are known again */
    private static String warning(Traits source) {
        var isKeying = source.texts.stream().anyMatch(KEYING_DOORS::contains);
        if (!isKeying && !source.texts.contains(DOOR) || source.texts.stream().anyMatch(NAMING_DOORS::contains)) {
            return null;
        }
        if (source.isTimeGiven) {
            return "its date_time is ${date:now…}, which is another each time, so a message that comes again with its"
                    + " key is refused with 409: let the method now of the bean httpSource give the time";
        }
        if (source.variables.contains(KEY) || isKeying && isKeyed(source)) {
            return null;
        }
        return "a message that comes again is stored again, since it has no key: set the variable " + KEY
                + " to what names the message at its sender" + (isKeying ? ", or map purchase_id" : "");
    }

    /**
     * Whether a door can make a key. Of fields that come under the API's own names nobody can tell beforehand; a
     * mapping without a number is told by its time, unless that is the one at which the message came.
     */
    private static boolean isKeyed(Traits source) {
        return source.variables.contains("purchase_id")
                || source.texts.contains("normalizeFields")
                || source.texts.stream().noneMatch(text -> text.equals("now") || text.equals("defaultDateTimeToNow"));
    }

    private Traits traits(JsonNode route) {
        var traits = new Traits();
        gather(route, traits);
        return traits;
    }

    private void gather(JsonNode route, Traits traits) {
        if (!traits.routes.add(route)) {
            return;
        }
        for (var kind : List.of("setVariable", "variables")) {
            route.findValues(kind).stream()
                    .flatMap(found -> found.isArray() ? elements(found) : Stream.of(found))
                    .forEach(variable -> {
                        var name = variable.path("name").asText();
                        traits.variables.add(name);
                        traits.isTimeGiven |= name.equals("date_time")
                                && texts(variable)
                                        .anyMatch(text ->
                                                TEXT_OF_NOW.matcher(text).find());
                    });
        }
        var texts = texts(route).toList();
        traits.texts.addAll(texts);
        texts.stream()
                .filter(text -> text.startsWith("direct:") && !isDoor(text))
                .map(this::called)
                .filter(Objects::nonNull)
                .forEach(called -> gather(called, traits));
    }

    private JsonNode called(String target) {
        if (routes.isEmpty()) {
            read(all)
                    .forEach(file ->
                            file.tree().forEach(item -> routes.put(begin(item.path("route")), item.path("route"))));
        }
        return routes.get(target);
    }

    private static boolean isDoor(String target) {
        return target.equals(DOOR) || KEYING_DOORS.contains(target) || NAMING_DOORS.contains(target);
    }

    private Stream<YamlFile> read(List<Path> files) {
        return files.stream()
                .map(file -> {
                    if (!read.containsKey(file)) {
                        read.put(file, YamlFile.read(file, fault -> {}));
                    }
                    return read.get(file);
                })
                .filter(Objects::nonNull);
    }

    private static String begin(JsonNode route) {
        return route.at("/from/uri").asText();
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        var elements = new ArrayList<JsonNode>();
        array.forEach(elements::add);
        return elements.stream();
    }

    private static Stream<String> texts(JsonNode node) {
        return node.isTextual() ? Stream.of(node.asText()) : elements(node).flatMap(SourceKeys::texts);
    }
}
