package metrika.conversions.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** docs/routes.md: the operations, the routes and the SQL statements, made from the files in routes/. */
final class RoutesPage {

    private static final List<String> VERBS = List.of("post", "get", "put", "patch", "delete", "head");
    private static final Pattern CALL = Pattern.compile("^(direct|seda|kamelet):([\\w-]+)");
    private static final Pattern STATEMENT_FILE = Pattern.compile("([\\w-]+)\\.sql\\b");
    private static final Pattern STATEMENT_OPTION = Pattern.compile("statement=([\\w/-]+)");
    private static final Set<String> NO_STEPS = Set.of("description", "note", "name");
    private static final Set<String> STATEMENT_KEYS = Set.of("statement", "sql");
    private static final Pattern FIRST_SENTENCE = Pattern.compile("^(.*?[.:;])(\\s.*)?$");
    private static final String SPACE = " ";
    private static final String ROUTE = "route";
    /** Of a route configuration: more are only counted. */
    private static final int MAX_USERS = 8;

    /** What is found in one entry of a file: a route, a route template, a kamelet or a route configuration. */
    private static final class Entry {
        private final Path file;
        private final String kind;
        private final String id;
        private final String description;
        private final String note;
        private final String from;
        private final Set<String> calls = new LinkedHashSet<>();
        private final Set<String> statements = new LinkedHashSet<>();
        private final Set<String> configurations = new LinkedHashSet<>();

        private Entry(Path file, String kind, String id, String description, String note, String from) {
            this.file = file;
            this.kind = kind;
            this.id = id;
            this.description = description;
            this.note = note;
            this.from = from;
        }
    }

    /** An operation of HTTP. */
    private record Operation(String request, String description, String to, String security) {}

    private final Path project;
    private final Map<String, Path> statements = new TreeMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private final List<Operation> operations = new ArrayList<>();

    private RoutesPage(Path project) throws IOException {
        this.project = project;
        for (var file : files(".sql")) {
            statements.put(file.getFileName().toString().replace(".sql", ""), file);
        }
        for (var file : files(".camel.yaml")) {
            for (var entry : (List<?>) load(file)) {
                map(entry).forEach((kind, value) -> read(file, kind, map(value)));
            }
        }
        for (var file : files(".kamelet.yaml")) {
            var kamelet = map(load(file));
            var spec = map(kamelet.get("spec"));
            var template = map(spec.get("template"));
            read(
                    file,
                    "kamelet",
                    string(map(kamelet.get("metadata")).get("name")),
                    string(map(spec.get("definition")).get("description")),
                    "",
                    map(template.getOrDefault(ROUTE, template)));
        }
    }

    /** The page's text. */
    static String text(Path project) throws IOException {
        return new RoutesPage(project).text();
    }

    private List<Path> files(String ending) throws IOException {
        try (var files = Files.walk(project.resolve("routes"))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(ending))
                    .map(project::relativize)
                    .sorted()
                    .toList();
        }
    }

    private Object load(Path file) throws IOException {
        return new Load(LoadSettings.builder().build()).loadFromString(Files.readString(project.resolve(file)));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return value instanceof Map ? (Map<String, Object>) value : Map.of();
    }

    private static String string(Object value) {
        return value == null ? "" : value.toString();
    }

    private void read(Path file, String kind, Map<String, Object> content) {
        if (kind.equals("rest")) {
            VERBS.forEach(verb -> {
                if (content.get(verb) instanceof List<?> list) {
                    list.forEach(operation -> readOperation(verb, string(content.get("path")), map(operation)));
                }
            });
            return;
        }
        var route = content.containsKey("from") ? content : map(content.getOrDefault(ROUTE, content));
        read(
                file,
                kind,
                string(content.get("id")),
                string(content.get("description")),
                string(content.get("note")),
                route);
    }

    private void readOperation(String verb, String base, Map<String, Object> operation) {
        var target = operation.get("to");
        var to = string(target instanceof Map ? map(target).get("uri") : target);
        var security = operation.get("security") instanceof List<?> list
                ? list.stream().map(one -> string(map(one).get("key"))).collect(Collectors.joining(" or "))
                : "";
        operations.add(new Operation(
                verb.toUpperCase(Locale.ROOT) + SPACE + base + string(operation.get("path")),
                string(operation.get("description")),
                to,
                security));
    }

    private void read(Path file, String kind, String id, String description, String note, Map<String, Object> route) {
        var from = map(route.get("from"));
        var schedule = string(map(from.get("parameters")).get("cron"));
        var start = (string(from.get("uri")) + SPACE + schedule).strip();
        var entry = new Entry(file, kind, id, description, note, start);
        // Of what it begins with, the steps alone
        route.forEach((key, value) -> {
            if (!key.equals("from") && !NO_STEPS.contains(key)) {
                walk(key, value, false, entry);
            }
        });
        walk("steps", from.get("steps"), false, entry);
        if (start.startsWith("kamelet:")) {
            walk("uri", start, false, entry);
        }
        entries.add(entry);
    }

    private void walk(String key, Object value, boolean isStatement, Entry entry) {
        if (value instanceof Map) {
            var named = isStatement || STATEMENT_KEYS.contains(string(map(value).get("name")));
            // The component that runs a statement says nothing beside the statement
            var runs = STATEMENT_KEYS.stream().anyMatch(map(map(value).get("parameters"))::containsKey);
            map(value).forEach((name, content) -> {
                if (!NO_STEPS.contains(name) && !(runs && name.equals("uri"))) {
                    walk(name, content, named, entry);
                }
            });
        } else if (value instanceof List<?> list) {
            list.forEach(element -> walk(key, element, isStatement, entry));
        } else if (value instanceof String text) {
            note(key, text, isStatement, entry);
        }
    }

    private void note(String key, String text, boolean isStatement, Entry entry) {
        var call = CALL.matcher(text);
        if (call.find() && !Set.of("sink", "source").contains(call.group(2))) {
            entry.calls.add(call.group(2));
        }
        if (key.equals("routeConfigurationId")) {
            entry.configurations.addAll(List.of(text.split(",")));
        }
        STATEMENT_FILE.matcher(text).results().forEach(found -> addStatement(found.group(1), entry));
        STATEMENT_OPTION.matcher(text).results().forEach(found -> addStatement(found.group(1), entry));
        if (isStatement || STATEMENT_KEYS.contains(key)) {
            addStatement(text, entry);
        }
    }

    private void addStatement(String name, Entry entry) {
        var last = name.substring(name.lastIndexOf('/') + 1);
        if (statements.containsKey(last)) {
            entry.statements.add(last);
        }
    }

    private String text() throws IOException {
        var text = new StringBuilder("""
            # Routes

            Made from the files in `routes/`; do not edit. This writes it anew:
            `mvn -q test -Dtest=PagesAreCurrentTest -Dwrite`.
            [architecture.md](architecture.md) explains how the routes work together. The second line of a route, if there is one, is its
            note: what it takes and leaves.
            """);
        if (!operations.isEmpty()) {
            var isSecured = operations.stream()
                    .anyMatch(operation -> !operation.security().isEmpty());
            text.append("\n## Operations of HTTP\n\n")
                    .append(
                            isSecured
                                    ? Markdown.head("request", "what it does", "who may call", "route")
                                    : Markdown.head("request", "what it does", "route"));
            for (var operation : operations) {
                var route = operation.to().replaceFirst("^direct:", "");
                var description = operation.description().isEmpty()
                        ? find(route).map(entry -> entry.description).orElse("")
                        : operation.description();
                var cells = new ArrayList<>(
                        List.of(Markdown.code(operation.request()), Markdown.text(description), link(route)));
                if (isSecured) {
                    cells.add(2, Markdown.text(operation.security()));
                }
                text.append(Markdown.row(cells.toArray(String[]::new)));
            }
        }
        for (var folder : new TreeSet<>(
                entries.stream().map(entry -> entry.file.getParent()).toList())) {
            text.append("\n## ")
                    .append(folder.toString().replace('\\', '/'))
                    .append("/\n\n")
                    .append(Markdown.head(
                            "route",
                            "what it does, takes and leaves",
                            "begins with, or called by",
                            "calls",
                            "SQL statements"));
            entries.stream()
                    .filter(entry -> entry.file.getParent().equals(folder))
                    .forEach(entry -> text.append(row(entry)));
        }
        text.append("\n## SQL statements\n\n").append(Markdown.head("statement", "what it does", "run by"));
        for (var statement : statements.keySet()) {
            var users = entries.stream()
                    .filter(entry -> entry.statements.contains(statement))
                    .map(entry -> link(entry.id))
                    .collect(Collectors.joining(", "));
            text.append(Markdown.row(
                    statementLink(statement),
                    Markdown.text(comment(statements.get(statement))),
                    users.isEmpty() ? "Java" : users));
        }
        return text.toString();
    }

    private String row(Entry entry) {
        var what = Markdown.text(entry.description)
                + switch (entry.kind) {
                    case ROUTE -> "";
                    case "routeConfiguration" -> " (route configuration)";
                    case "routeTemplate" -> " (route template)";
                    default -> " (" + entry.kind + ")";
                }
                + (entry.note.isEmpty() ? "" : "<br>" + Markdown.text(entry.note));
        return Markdown.row(
                "[" + entry.id + "](" + path(entry.file) + ")",
                what,
                start(entry),
                entry.calls.stream().map(this::link).collect(Collectors.joining(", ")),
                entry.statements.stream().map(this::statementLink).collect(Collectors.joining(", ")));
    }

    /** Where it begins: for one that others call, or whose failures it handles, those. */
    private String start(Entry entry) {
        var users = entries.stream()
                .filter(other -> other != entry)
                .filter(other -> other.calls.contains(entry.id) || other.configurations.contains(entry.id))
                .map(other -> link(other.id))
                .collect(Collectors.toCollection(ArrayList::new));
        if (!entry.kind.equals(ROUTE) && users.size() > MAX_USERS) {
            return users.size() + " routes";
        }
        if (operations.stream().anyMatch(operation -> operation.to().equals("direct:" + entry.id))) {
            users.add(0, "HTTP");
        }
        var isCalled = entry.from.isEmpty() || entry.from.startsWith("direct:");
        return isCalled && !users.isEmpty() ? String.join(", ", users) : Markdown.code(entry.from);
    }

    private Optional<Entry> find(String id) {
        return entries.stream().filter(entry -> entry.id.equals(id)).findFirst();
    }

    private String link(String id) {
        return find(id).map(entry -> "[" + id + "](" + path(entry.file) + ")").orElse(Markdown.code(id));
    }

    private String statementLink(String name) {
        return "[" + name + "](" + path(statements.get(name)) + ")";
    }

    private static String path(Path file) {
        return "../" + file.toString().replace('\\', '/');
    }

    /** The first sentence of a statement's comment. */
    private String comment(Path file) throws IOException {
        var comment = Files.readAllLines(project.resolve(file)).stream()
                .takeWhile(line -> line.startsWith("--"))
                .map(line -> line.substring(2).strip())
                .collect(Collectors.joining(SPACE));
        var sentence = FIRST_SENTENCE.matcher(comment);
        return sentence.matches() ? sentence.group(1).replaceFirst("[:;]$", ".") : comment;
    }
}
