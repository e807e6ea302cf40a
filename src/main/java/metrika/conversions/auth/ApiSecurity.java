package metrika.conversions.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.model.rest.SecurityDefinition;
import org.apache.camel.model.rest.VerbDefinition;

import metrika.conversions.settings.SettingException;

/**
 * Who may call each operation of the API: what {@code security} says at its verb in the REST definitions, and nothing
 * else. An operation that does not say it keeps the product from starting.
 */
public final class ApiSecurity {

    private static final String ADMIN_TOKEN = "adminToken";
    private static final String WEBHOOK_SECRET = "webhookSecret";
    /** What an operation says that anyone may call. */
    private static final String PUBLIC = "public";
    /** The bean that lets callers in. It is the first step of each operation's route. */
    private static final String AUTHENTICATOR = "authenticator";
    /** The processor that has it let senders in, with all that comes before their conversions are read. */
    private static final String SEND_ADMISSION = "sendAdmission";

    private static final Pattern PARAMETER = Pattern.compile("\\{([^/}]+)}");

    private volatile List<Operation> operations = List.of();

    /** Who may call an operation. */
    enum Caller {
        ADMIN,
        SENDER,
        SENDER_OR_ADMIN,
        ANYONE
    }

    /**
     * An operation of the API.
     *
     * @param method of HTTP, in capitals
     * @param path with its parameters in braces
     * @param parts how many its path has, by which most others are told from it at once
     * @param pattern of its path; the group {@code webhook} is the webhook's id, where there is one
     */
    record Operation(String method, String path, long parts, Pattern pattern, boolean hasWebhook, Caller caller) {

        Operation(String method, String path, Caller caller) {
            this(method, path, ApiSecurity.parts(path), pattern(path), path.contains("{webhook_id}"), caller);
        }

        /** The webhook's id in a path of this operation, {@code null} where there is none. */
        String webhookIn(String actual) {
            var found = pattern.matcher(actual);
            return hasWebhook && found.matches() ? found.group("webhook") : null;
        }

        private static Pattern pattern(String path) {
            var pattern = new StringBuilder();
            var literal = 0;
            var parameters = PARAMETER.matcher(path);
            while (parameters.find()) {
                pattern.append(Pattern.quote(path.substring(literal, parameters.start())))
                        .append(parameters.group(1).equals("webhook_id") ? "(?<webhook>[^/]+)" : "[^/]+");
                literal = parameters.end();
            }
            return Pattern.compile(
                    pattern.append(Pattern.quote(path.substring(literal))).toString());
        }
    }

    /**
     * Reads the REST definitions. To be called when all routes are there, before any of them takes a request.
     *
     * @throws SettingException that names an operation which does not say who may call it, or whose route does not ask
     */
    public void read(CamelContext context) {
        var model = context.getCamelContextExtension().getContextPlugin(Model.class);
        var read = new ArrayList<Operation>();
        for (RestDefinition rest : model.getRestDefinitions()) {
            for (VerbDefinition verb : rest.getVerbs()) {
                var path = path(text(rest.getPath()) + text(verb.getPath()));
                var operation = new Operation(verb.asVerb().toUpperCase(Locale.ROOT), path, caller(verb, path));
                if (operation.caller() != Caller.ANYONE) {
                    checkRoute(model, verb);
                }
                read.add(operation);
            }
        }
        operations = List.copyOf(read);
    }

    private static Caller caller(VerbDefinition verb, String path) {
        Set<String> keys = verb.getSecurity() == null
                ? Set.of()
                : verb.getSecurity().stream().map(SecurityDefinition::getKey).collect(Collectors.toSet());
        var caller = keys.equals(Set.of(ADMIN_TOKEN))
                ? Caller.ADMIN
                : keys.equals(Set.of(WEBHOOK_SECRET))
                        ? Caller.SENDER
                        : keys.equals(Set.of(ADMIN_TOKEN, WEBHOOK_SECRET))
                                ? Caller.SENDER_OR_ADMIN
                                : keys.equals(Set.of(PUBLIC)) ? Caller.ANYONE : null;
        if (caller == null) {
            throw new SettingException(
                    "The operation %s has to say who may call it, with security: %s, %s, both of them, or %s"
                                    .formatted(verb.getId(), ADMIN_TOKEN, WEBHOOK_SECRET, PUBLIC)
                            + (keys.isEmpty() ? "" : ", not " + String.join(", ", keys)));
        }
        if ((caller == Caller.SENDER || caller == Caller.SENDER_OR_ADMIN) && !path.contains("{webhook_id}")) {
            throw new SettingException("The operation %s takes a webhook's secret, so its path needs {webhook_id}"
                    .formatted(verb.getId()));
        }
        return caller;
    }

    /**
     * Whoever cannot be judged at the door, such as who signs, is judged by the route: one that forgot to would let all
     * in.
     */
    private static void checkRoute(Model model, VerbDefinition verb) {
        var target = verb.getTo() == null ? "" : verb.getTo().getUri();
        var asks = model.getRouteDefinitions().stream()
                .filter(route -> route.getInput() != null
                        && target.equals(route.getInput().getEndpointUri()))
                .anyMatch(ApiSecurity::beginsWithAuthenticator);
        if (!asks) {
            throw new SettingException("The operation %s goes to %s, whose first step has to be the bean %s"
                    .formatted(verb.getId(), target.isEmpty() ? "no route" : target, AUTHENTICATOR));
        }
    }

    private static boolean beginsWithAuthenticator(RouteDefinition route) {
        // What a route configuration adds stands among the steps too, and is none
        return route.getOutputs().stream()
                .filter(step -> !step.isAbstract())
                .findFirst()
                .filter(step -> step instanceof BeanDefinition bean && AUTHENTICATOR.equals(bean.getRef())
                        || step instanceof ProcessDefinition processor && SEND_ADMISSION.equals(processor.getRef()))
                .isPresent();
    }

    /** The operation that a request asks for. */
    Optional<Operation> find(String method, String path) {
        var parts = parts(path);
        for (var operation : operations) {
            if (operation.parts() == parts
                    && operation.method().equals(method)
                    && operation.pattern().matcher(path).matches()) {
                return Optional.of(operation);
            }
        }
        return Optional.empty();
    }

    /**
     * Who may call the operation that an exchange began with.
     *
     * @throws IllegalStateException when it began with none
     */
    Caller callerOf(Exchange exchange) {
        if (exchange.getFromEndpoint() instanceof PlatformHttpEndpoint endpoint) {
            for (var operation : operations) {
                if (operation.method().equalsIgnoreCase(endpoint.getHttpMethodRestrict())
                        && operation.path().equals(path(endpoint.getPath()))) {
                    return operation.caller();
                }
            }
        }
        throw new IllegalStateException(
                "only an operation of the API lets callers in by its security, not " + exchange.getFromEndpoint());
    }

    private static long parts(String path) {
        return path.chars().filter(character -> character == '/').count();
    }

    private static String text(String given) {
        return given == null ? "" : given;
    }

    private static String path(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
