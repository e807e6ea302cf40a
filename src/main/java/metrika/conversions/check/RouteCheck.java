package metrika.conversions.check;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;

/**
 * What can be said of route files without running them. The schema is that of Camel's YAML routes, by which editors
 * such as Kaoto go too; the rest are the rules of this house.
 */
public final class RouteCheck {

    /** How a route file ends. */
    public static final String ROUTE = ".camel.yaml";

    private static final String KAMELET = ".kamelet.yaml";
    static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\?)?([A-Za-z0-9_.-]+)(:[^}]*)?}}");
    /** What a kamelet is told besides its properties: the id of the route that it becomes. */
    private static final String ROUTE_ID = "routeId";

    private static final Set<String> PROSE = Set.of("description", "note", "title", "example");

    private final Path folder;
    private final Predicate<String> isSetting;
    private final ReferenceCheck references;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, Path> ids = new HashMap<>();
    private final Map<String, Path> consumers = new HashMap<>();
    private final Map<String, YamlFile> kamelets = new HashMap<>();

    /**
     * @param folder the one of the routes, with templates/ in it
     * @param isSetting whether a placeholder's name is known
     * @param isBean whether there is a bean of a name
     */
    public RouteCheck(Path folder, Predicate<String> isSetting, Predicate<String> isBean) {
        this.folder = folder;
        this.isSetting = isSetting;
        references = new ReferenceCheck(folder, isSetting, isBean, consumers.keySet(), kamelets, findings::add);
    }

    /** Tells the names of beans, one of which may be meant by one that there is not. */
    public RouteCheck suggesting(Collection<String> beans) {
        references.suggest(beans);
        return this;
    }

    /** Checks all files of the folder. */
    public List<Finding> all() {
        return check(FilesBelow.of(folder, ROUTE), FilesBelow.of(folder, KAMELET));
    }

    /**
     * Of all files what can be told at once: those that are no YAML, names that are taken, files that are named and
     * missing.
     */
    public List<Finding> clashes() {
        for (var path : FilesBelow.of(folder, KAMELET)) {
            var file = YamlFile.read(path, findings::add);
            if (file != null) {
                kamelets.put(nameOf(path, KAMELET), file);
            }
        }
        for (var path : FilesBelow.of(folder, ROUTE)) {
            var file = YamlFile.read(path, findings::add);
            if (file != null) {
                items(file, (item, kind, index) -> taken(file, item, "/%d/%s".formatted(index, kind)));
                references.files(file);
            }
        }
        return List.copyOf(findings);
    }

    /** Checks one file, which may lie elsewhere, among those of the folder. */
    public List<Finding> one(Path file) {
        var others = FilesBelow.of(folder, ROUTE);
        others.removeIf(other -> isSame(other, file));
        check(others, FilesBelow.of(folder, KAMELET));
        findings.clear();
        return check(List.of(file), List.of());
    }

    /**
     * What a route failed with as it was to be run, with the line that the failure speaks of, as far as that can be
     * told.
     */
    public Finding explain(Path path, Throwable failure) {
        var message = new StringBuilder();
        for (var cause = failure; cause != null; cause = cause.getCause() == cause ? null : cause.getCause()) {
            message.setLength(0);
            message.append(cause.getMessage());
        }
        var file = YamlFile.read(path, findings::add);
        return new Finding(path, file == null ? 0 : file.lineSpokenOf(message.toString()), message.toString());
    }

    private List<Finding> check(Collection<Path> routeFiles, Collection<Path> kameletFiles) {
        for (var path : kameletFiles) {
            var file = YamlFile.read(path, findings::add);
            if (file != null) {
                kamelets.put(nameOf(path, KAMELET), file);
                kamelet(file);
            }
        }
        var routes = new ArrayList<YamlFile>();
        for (var path : routeFiles) {
            var file = YamlFile.read(path, findings::add);
            if (file != null) {
                routes.add(file);
                validate(YamlSchemas.ROUTES, file, file.tree(), "");
                names(file);
                var parameters = new HashSet<String>();
                file.tree().findValues("parameters").stream()
                        .filter(JsonNode::isArray)
                        .forEach(list -> list.forEach(parameter ->
                                parameters.add(parameter.path("name").asText())));
                placeholders(file, name -> parameters.contains(name) || isSetting.test(name));
            }
        }
        routes.forEach(references::targets);
        kamelets.values().stream()
                .filter(file -> kameletFiles.contains(file.path()))
                .forEach(references::targets);
        return List.copyOf(findings);
    }

    private void kamelet(YamlFile file) {
        var properties = file.tree().at("/spec/definition/properties");
        var beans = new HashSet<String>();
        file.tree()
                .at("/spec/template/beans")
                .forEach(bean -> beans.add(bean.path("name").asText()));
        placeholders(
                file,
                name -> properties.has(name) || beans.contains(name) || name.equals(ROUTE_ID) || isSetting.test(name));
        validate(YamlSchemas.TEMPLATE, file, file.tree().at("/spec/template"), "/spec/template");
        if (!file.tree().at("/metadata/name").asText().equals(nameOf(file.path(), KAMELET))) {
            add(file, "/metadata/name", "metadata.name has to be the file's name, " + nameOf(file.path(), KAMELET));
        }
        properties.properties().forEach(property -> {
            for (var demanded : List.of("title", "description", "type")) {
                if (!property.getValue().hasNonNull(demanded)) {
                    add(file, "/spec/definition/properties/" + property.getKey(), "the property has no " + demanded);
                }
            }
        });
    }

    private interface Visitor {

        void visit(JsonNode item, String kind, int index);
    }

    /** What a file defines. */
    private static void items(YamlFile file, Visitor visitor) {
        for (int i = 0; i < file.tree().size(); i++) {
            for (var kind : List.of("route", "routeTemplate", "routeConfiguration", "rest")) {
                var item = file.tree().path(i).path(kind);
                if (!item.isMissingNode()) {
                    visitor.visit(item, kind, i);
                }
            }
        }
    }

    /** What is wrong with a route that is not the first in its file. */
    private static String second(YamlFile file, int index, String kind, String id) {
        var before = IntStream.range(0, index)
                .mapToObj(i -> file.tree().path(i).fieldNames())
                .map(names -> names.hasNext() ? names.next() : "")
                .filter(name -> !name.equals("beans"))
                .findFirst()
                .orElseThrow();
        return switch (before) {
            case "route", "routeTemplate", "rest" ->
                "one %s a file: %s belongs into one of its own".formatted(kind, id);
            case "routeConfiguration" ->
                "a routeConfiguration stands before the %s %s, where only beans may: put it into a file of its own in %s"
                        .formatted(kind, id, ReferenceCheck.CONFIGURATIONS);
            default ->
                ("%s stands before the %s %s, where only beans may: put it into a routeConfiguration in a file of its own"
                                + " in %s, and name that as the route's routeConfigurationId")
                        .formatted(before, kind, id, ReferenceCheck.CONFIGURATIONS);
        };
    }

    /** One route a file, named as its file; each name once. */
    private void names(YamlFile file) {
        var name = nameOf(file.path(), ROUTE);
        items(file, (item, kind, index) -> {
            var place = "/%d/%s".formatted(index, kind);
            var id = item.path("id").asText();
            // Configurations are found by their id, and those for one party may stand together.
            var isAlone = !kind.equals("routeConfiguration");
            if (kind.equals("routeConfiguration")) {
                references.configuration(id, file.path());
            }
            if (isSecond(file, index) && (kind.equals("route") || kind.equals("routeTemplate"))) {
                add(file, place, second(file, index, kind, id));
            } else if (id.isEmpty()) {
                add(file, place, "the %s has no id: it is to be %s, as its file".formatted(kind, name));
            } else if (!isSecond(file, index) && isAlone && !id.equals(name)) {
                add(
                        file,
                        place + "/id",
                        "the id is %s, and the file's name %s: they have to be the same".formatted(id, name));
            }
            if (!item.hasNonNull("description")) {
                add(file, place, "the %s has no description: one sentence that says what it does".formatted(kind));
            }
            taken(file, item, place);
        });
    }

    /** Whether something stands before it in its file; beans may. */
    private static boolean isSecond(YamlFile file, int index) {
        return IntStream.range(0, index).anyMatch(i -> !file.tree().path(i).has("beans"));
    }

    /** Each id and each beginning once, over all files. */
    private void taken(YamlFile file, JsonNode item, String place) {
        var id = item.path("id").asText();
        var other = id.isEmpty() ? null : ids.putIfAbsent(id, file.path());
        if (other != null) {
            add(file, place + "/id", "the id %s is taken by %s".formatted(id, other));
        }
        var from = item.at("/from/uri").asText();
        var first = from.startsWith("direct:") ? consumers.putIfAbsent(from, file.path()) : null;
        if (first != null) {
            add(file, place + "/from/uri", "%s is where another route begins too: %s".formatted(from, first));
        }
    }

    private void placeholders(YamlFile file, Predicate<String> isKnown) {
        for (var scalar : file.scalars()) {
            var matcher = PLACEHOLDER.matcher(PROSE.contains(scalar.name()) ? "" : scalar.text());
            while (matcher.find()) {
                if (matcher.group(1) == null && matcher.group(3) == null && !isKnown.test(matcher.group(2))) {
                    findings.add(new Finding(
                            file.path(),
                            scalar.line(),
                            "{{%s}} is no setting: give it a line in application.properties"
                                    .formatted(matcher.group(2))));
                }
            }
        }
    }

    private void validate(JsonSchema schema, YamlFile file, JsonNode tree, String at) {
        YamlSchemas.FAULTS.of(schema, tree).forEach((place, text) -> add(file, at + place, text));
    }

    private void add(YamlFile file, String pointer, String message) {
        findings.add(new Finding(file.path(), file.line(pointer), message));
    }

    /** Whether two paths lead to one file, however they are written. */
    public static boolean isSame(Path one, Path other) {
        return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }

    private static String nameOf(Path file, String ending) {
        var name = file.getFileName().toString();
        return name.endsWith(ending) ? name.substring(0, name.length() - ending.length()) : name;
    }
}
