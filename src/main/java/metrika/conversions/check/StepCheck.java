package metrika.conversions.check;

import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Registry;

/**
 * Faults of routes that show only when a message comes to the step: an expression that is not one, a method that a bean
 * has not, a source that does not say for which webhook it is, or that lets everyone in, and a route that nothing
 * calls.
 */
public final class StepCheck {

    private static final Pattern IN_SIMPLE =
            Pattern.compile("\\$\\{bean:([A-Za-z][A-Za-z0-9-]*)(?:\\?method=|\\.|::)([A-Za-z][A-Za-z0-9]*)");
    private static final Pattern ARGUMENTS = Pattern.compile("(?s)[^(]*\\((.*)\\)");
    private static final Pattern NESTED = Pattern.compile("\\([^()]*\\)|\\{[^{}]*}|\\[[^\\[\\]]*]");
    /** On the server of the dashboard nobody gets to a route without a session. */
    private static final Pattern DASHBOARD = Pattern.compile("platform-http:/dashboard(?:[/?].*)?");
    /** Components over which strangers can call. */
    private static final Pattern OVER_HTTP =
            Pattern.compile("(platform-http|rest|servlet|jetty|undertow|netty-http|vertx-websocket|websocket):.*");

    private static final Pattern CALLED = Pattern.compile("direct:([A-Za-z0-9_.-]+)");
    /** Where conversions of sources go in. */
    private static final Set<String> DOORS = Set.of(
            "direct:store-conversions",
            "direct:store-file",
            "direct:store-mail",
            "direct:store-message",
            "direct:store-mapped",
            "direct:store-orders");
    /** Called by this program, not by a route, or by sources of which none is shipped. */
    private static final Set<String> CALLED_BY_OTHERS = Set.of("direct:write-csv", "direct:store-message");
    /** Kamelets that set the variable webhook, or need it as a property. */
    private static final Pattern KNOWS_WEBHOOK =
            Pattern.compile("kamelet:(http-source|kafka-source|rest-pull|sql-pull)\\b.*");

    private static final Set<String> ACCESS = Set.of("authorize", "authorizeSending", "authorizeSource");

    private final Registry registry;
    private final UnaryOperator<String> values;
    private VariableCheck variables;
    private final List<Finding> findings = new ArrayList<>();
    private final List<JsonNode> configurations = new ArrayList<>();
    /** Routes by what they begin with. */
    private final Map<String, JsonNode> routes = new HashMap<>();

    /**
     * @param registry has the beans that routes name
     * @param values of settings by their names, {@code null} for one that has none
     */
    public StepCheck(Registry registry, UnaryOperator<String> values) {
        this.registry = registry;
        this.values = values;
    }

    /**
     * Checks files that have no faults of form.
     *
     * @param all every file of routes and kamelets: what is called by one of them is called
     * @param checked those of which findings are wanted
     */
    public List<Finding> of(List<Path> all, List<Path> checked) {
        var files = all.stream()
                .map(path -> YamlFile.read(path, finding -> {}))
                .filter(file -> file != null)
                .toList();
        var called = new HashSet<>(CALLED_BY_OTHERS);
        for (var file : files) {
            file.tree().forEach(item -> {
                routes.put(item.at("/route/from/uri").asText(), item.path("route"));
                configurations.add(item.path("routeConfiguration"));
            });
            file.scalars().stream()
                    .filter(scalar -> !scalar.pointer().matches("/\\d+/route/from/uri"))
                    .forEach(scalar ->
                            CALLED.matcher(scalar.text()).results().forEach(found -> called.add(found.group())));
        }
        try (var context = new DefaultCamelContext()) {
            var expressions = new ExpressionCheck(values, context);
            variables = new VariableCheck(expressions::filled);
            for (var file : files) {
                if (checked.contains(file.path())) {
                    expressions.check(file, (scalar, fault) -> add(file, scalar.line(), fault));
                    variables.check(file, (scalar, fault) -> add(file, scalar.line(), fault));
                    methods(file);
                    for (int i = 0; i < file.tree().size(); i++) {
                        route(file, i, called);
                    }
                }
            }
        } catch (Exception e) { // only close() declares it
            throw new IllegalStateException(e);
        }
        return List.copyOf(findings);
    }

    /** Only the expressions of one file that cannot be read. */
    public List<Finding> expressions(Path path) {
        var file = YamlFile.read(path, findings::add);
        if (file != null) {
            try (var context = new DefaultCamelContext()) {
                new ExpressionCheck(values, context).check(file, (scalar, fault) -> add(file, scalar.line(), fault));
            } catch (Exception e) { // only close() declares it
                throw new IllegalStateException(e);
            }
        }
        return List.copyOf(findings);
    }

    private void methods(YamlFile file) {
        for (var scalar : file.scalars()) {
            if (scalar.name().equals("method") && scalar.pointer().endsWith("/method")) {
                var ref = file.tree()
                        .at(scalar.pointer().replaceFirst("/method$", "/ref"))
                        .asText();
                method(file, scalar, ref, scalar.text());
            }
            IN_SIMPLE
                    .matcher(scalar.text())
                    .results()
                    .forEach(found -> method(file, scalar, found.group(1), found.group(2)));
        }
    }

    private void method(YamlFile file, YamlFile.Scalar scalar, String ref, String call) {
        var bean = ref.isEmpty() ? null : registry.lookupByName(ref);
        if (bean == null || call.contains("{{")) {
            return;
        }
        var name = call.replaceFirst("(?s)\\(.*", "").strip();
        var methods = Arrays.stream(bean.getClass().getMethods())
                .filter(each -> each.getName().equals(name))
                .toList();
        if (methods.isEmpty()) {
            var names = Arrays.stream(bean.getClass().getMethods())
                    .filter(each -> each.getDeclaringClass() != Object.class)
                    .map(Method::getName)
                    .toList();
            add(
                    file,
                    scalar.line(),
                    "the bean %s has no method %s%s".formatted(ref, name, NearMiss.question(name, names)));
            return;
        }
        var given = arguments(call);
        if (given >= 0 && methods.stream().noneMatch(each -> each.getParameterCount() == given)) {
            add(
                    file,
                    scalar.line(),
                    "the method %s of the bean %s takes %s arguments, not %d"
                            .formatted(
                                    name,
                                    ref,
                                    methods.stream()
                                            .map(Method::getParameterCount)
                                            .distinct()
                                            .sorted()
                                            .map(String::valueOf)
                                            .collect(Collectors.joining(" or ")),
                                    given));
        }
    }

    /** How many arguments a call gives; -1 where it leaves them to Camel. */
    private static int arguments(String call) {
        var inside = ARGUMENTS.matcher(call.strip());
        if (!inside.matches()) {
            return -1;
        }
        var text = inside.group(1).replaceAll("'[^']*'|\"[^\"]*\"", "x");
        while (NESTED.matcher(text).find()) {
            text = NESTED.matcher(text).replaceAll("x");
        }
        return text.isBlank() ? 0 : text.split(",", -1).length;
    }

    private void route(YamlFile file, int index, Set<String> called) {
        var pointer = "/%d/route".formatted(index);
        var route = file.tree().at(pointer);
        var from = route.at("/from/uri").asText();
        var line = file.line(pointer + "/from/uri");
        // A source may be called by what is not here, such as a test or a route of another file
        if (from.startsWith("direct:")
                && !route.path("id").asText().startsWith("in-")
                && !called.contains(from.replaceFirst("\\?.*", ""))) {
            add(file, line, "nothing calls " + from);
        }
        SignatureCheck.fault(from, route.at("/from/parameters"), variables::filled)
                .ifPresent(fault -> add(file, line, fault));
        PullCheck.faults(from, route.at("/from/parameters"), variables::filled)
                .forEach(fault -> add(file, line, fault));
        KafkaCheck.faults(route, configurations, values).forEach(fault -> add(file, line, fault));
        BodyOrderCheck.faults(route).forEach(fault -> add(file, line, fault));
        if (from.isEmpty()
                || from.startsWith("direct:")
                || KNOWS_WEBHOOK.matcher(from).matches()) {
            return;
        }
        var isHttp = OVER_HTTP.matcher(from).matches();
        if (isHttp && !DASHBOARD.matcher(from).matches() && !hasAccess(route)) {
            add(
                    file,
                    line,
                    "everyone is let in: give it a step that calls the method authorizeSource of the bean"
                            + " authenticator");
        }
        if (isHttp && hasNoWebhook(from, route)) {
            add(
                    file,
                    line,
                    "it does not say for which webhook it is: the path has no {webhook_id}, by which authorizeSource"
                            + " knows it, as /inbound/x/{webhook_id} has");
        }
        if (!isHttp
                && texts(route).stream().anyMatch(DOORS::contains)
                && !setsWebhook(route, new HashSet<>())
                && !variables.isMisspelt(file, "webhook")) {
            add(
                    file,
                    line,
                    "it does not say for which webhook it is: set the variable webhook to the id of one before what"
                            + " stores");
        }
    }

    /** Whether neither the path nor a variable of a source says for which webhook it is. */
    private boolean hasNoWebhook(String from, JsonNode route) {
        return from.startsWith("platform-http:/inbound/")
                && !from.contains("{webhook_id}")
                && hasAccess(route)
                && !setsWebhook(route, new HashSet<>());
    }

    private static boolean hasAccess(JsonNode route) {
        return route.findValues("bean").stream()
                .anyMatch(bean -> ACCESS.contains(bean.path("method").asText()));
    }

    /** Whether a route sets it, or one that it calls. */
    private boolean setsWebhook(JsonNode route, Set<JsonNode> seen) {
        return seen.add(route)
                && (route.findValues("name").stream()
                                .anyMatch(name -> name.asText().equals("webhook"))
                        || texts(route).stream()
                                .filter(text -> routes.containsKey(text) && !text.isEmpty())
                                .anyMatch(called -> setsWebhook(routes.get(called), seen)));
    }

    private static List<String> texts(JsonNode node) {
        var texts = new ArrayList<String>();
        if (node.isTextual()) {
            texts.add(node.asText());
        }
        node.forEach(child -> texts.addAll(texts(child)));
        return texts;
    }

    private void add(YamlFile file, int line, String text) {
        findings.add(new Finding(file.path(), line, text));
    }
}
