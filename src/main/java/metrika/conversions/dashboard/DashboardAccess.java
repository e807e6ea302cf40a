package metrika.conversions.dashboard;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

import metrika.conversions.auth.AdminTokens;
import metrika.conversions.auth.AdminTokens.Administrator;
import metrika.conversions.auth.Pace;
import metrika.conversions.auth.SecretGenerator;
import metrika.conversions.http.HttpApiServer;
import metrika.conversions.http.RequestGuard;
import metrika.conversions.http.TrustedProxies;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.problem.ProblemMapper;

/**
 * The door of the dashboard, before all of its routes: without a session every page leads to the login, and a change
 * needs besides a form of ours, sent from a page of ours, by somebody who may change something.
 */
public final class DashboardAccess implements RequestGuard {

    static final String ROOT = "/dashboard";
    static final String LOGIN = ROOT + "/login";
    static final String LOGOUT = ROOT + "/logout";
    /** The variable with what becomes of the cookie. */
    static final String COOKIE = "cookie";

    /** Between two refusals of a login. Who has a token is not kept waiting. */
    private static final Duration REFUSALS = Duration.ofMillis(20);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
    private static final String LANGUAGE = "lang";
    /** The page of a job, which renews itself without a script. */
    private static final Pattern RENEWED = Pattern.compile(ROOT + "/retries/[0-9a-f-]{36}");

    private final AdminTokens admins;
    private final DashboardSessions sessions;
    private final TrustedProxies proxies;
    private final DashboardPages pages;
    private final Pace refusals = new Pace(REFUSALS, LONGEST_WAIT);

    public DashboardAccess(AdminTokens admins, DataSource database, TrustedProxies proxies, DashboardPages pages) {
        this.admins = admins;
        this.proxies = proxies;
        this.pages = pages;
        sessions = new DashboardSessions(database, admins);
    }

    /** Has a router ask for a session before anything that is added later. */
    @Override
    public void guard(Router router) {
        router.route("/").handler(context -> lead(context, ROOT));
        router.get(ROOT + "/assets/:name").handler(new DashboardAssets());
        router.route().handler(this::admit);
        router.errorHandler(
                404,
                context ->
                        fail(context, "There is nothing at " + context.request().path()));
        router.errorHandler(
                405,
                context -> fail(
                        context, "This cannot be done at " + context.request().path()));
    }

    /** Answers in the visitor's language where no route does. */
    private void fail(RoutingContext context, String detail) {
        var known = HttpApiServer.variables(context).get(Visitor.VARIABLE);
        var visitor = known instanceof Visitor found ? found : visitor(context, language(context), null, null);
        if (!context.request().isEnded()) {
            context.response().putHeader("Connection", "close"); // its body is not read
        }
        pages.write(context.response(), visitor, ProblemException.of(context.statusCode(), detail));
    }

    /** Lets those in who have a session, and everybody to the login. */
    private void admit(RoutingContext context) {
        var request = context.request();
        var language = language(context);
        var secret = cookie(request);
        if (HttpApiServer.path(context).equals(LOGIN)) {
            enter(context, null, visitor(context, language, null, null), Map.of());
            return;
        }
        if (secret == null) {
            lead(context, LOGIN);
            return;
        }
        request.pause(); // until its route reads it
        var isAct = !request.headers().contains("HX-Request")
                && !RENEWED.matcher(HttpApiServer.path(context)).matches();
        context.vertx()
                .executeBlocking(() -> sessions.find(secret, isAct), false)
                .onComplete(asked -> {
                    if (asked.failed()) {
                        request.resume();
                        var problem = ProblemMapper.of(asked.cause());
                        pages.write(context.response(), visitor(context, language, null, null), problem);
                    } else if (asked.result().isEmpty()) {
                        request.resume();
                        lead(context, LOGIN);
                    } else {
                        var admin = asked.result().get();
                        HttpApiServer.markAuthenticated(context);
                        enter(
                                context,
                                admin.name(),
                                visitor(context, language, admin, DashboardSessions.csrf(secret)),
                                Map.of("hash", SecretGenerator.hash(secret)));
                    }
                });
    }

    private void enter(RoutingContext context, String actor, Visitor visitor, Map<String, ?> session) {
        var variables = new HashMap<String, Object>();
        variables.put(Visitor.VARIABLE, visitor);
        variables.put("address", proxies.from(context.request()));
        variables.put("session", session);
        if (actor != null) {
            variables.put("actor", actor);
        }
        HttpApiServer.giveVariables(context, variables);
        context.next();
    }

    /** Looks at what a form says, when it is read. To be called before each route. */
    @Override
    public void verify(RoutingContext context) {
        var request = context.request();
        if (request.method().equals(HttpMethod.GET)) {
            context.next();
            return;
        }
        var variables = HttpApiServer.variables(context);
        var visitor = (Visitor) variables.get(Visitor.VARIABLE);
        var path = HttpApiServer.path(context);
        if (!isOurs(request)) {
            refuse(context, visitor, "This was sent from a page of another site, or from none");
        } else if (path.equals(LOGIN)) {
            signIn(context, visitor);
        } else if (!isSame(visitor.csrf(), request.formAttributes().get("csrf"))) {
            refuse(context, visitor, "The form is not of this session: load its page again");
        } else if (path.equals(LOGOUT)) {
            with(context, Map.of(COOKIE, cookie(request, "", 0)));
        } else if (visitor.isReadOnly()) {
            refuse(context, visitor, "The token of %s is for reading only".formatted(visitor.actor()));
        } else {
            context.next();
        }
    }

    private void signIn(RoutingContext context, Visitor visitor) {
        var request = context.request();
        var admin = admins.areNamed()
                ? admins.find(request.formAttributes().get("token"))
                : proxies.isLocal(request) ? Optional.of(Administrator.ANYONE) : Optional.<Administrator>empty();
        if (admin.isPresent()) {
            var secret = SecretGenerator.sent(SecretGenerator.bits());
            with(
                    context,
                    Map.of(
                            "actor",
                            admin.get().name(),
                            "session",
                            Map.of(
                                    "hash",
                                    SecretGenerator.hash(secret),
                                    "token_hash",
                                    admin.get().hash()),
                            COOKIE,
                            cookie(request, secret, -1)));
            return;
        }
        var pause = refusals.pause(System.nanoTime());
        if (refusals.isTooLong(pause)) {
            context.response().setStatusCode(403).reset();
            return;
        }
        context.vertx().setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(pause)), due -> {
            if (!context.response().closed()) {
                with(context, Map.of(Visitor.VARIABLE, visitor.refused()));
            }
        });
    }

    private static void with(RoutingContext context, Map<String, ?> more) {
        var variables = new HashMap<String, Object>(HttpApiServer.variables(context));
        variables.putAll(more);
        HttpApiServer.giveVariables(context, variables);
        context.next();
    }

    private void refuse(RoutingContext context, Visitor visitor, String detail) {
        pages.write(context.response(), visitor, ProblemException.of(403, detail));
    }

    private static void lead(RoutingContext context, String path) {
        context.response().setStatusCode(303).putHeader("Location", path).end();
    }

    /** Browsers say with each form where the page is from that sends it. */
    private static boolean isOurs(HttpServerRequest request) {
        var origin = request.getHeader("Origin");
        try {
            return origin != null
                    && request.authority() != null
                    && request.authority()
                            .toString()
                            .equalsIgnoreCase(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isSame(String expected, String given) {
        return given != null
                && MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    private Visitor visitor(RoutingContext context, String language, Administrator admin, String csrf) {
        var path = HttpApiServer.path(context);
        var isPage = path.equals(LOGIN) || context.request().method().equals(HttpMethod.GET);
        return new Visitor(
                language,
                isPage ? path : ROOT,
                isPage ? queryWithoutLanguage(context.request().query()) : "",
                admin == null ? null : admin.name(),
                admin != null && admin.isReadOnly(),
                csrf,
                admins.areNamed(),
                false);
    }

    private static String queryWithoutLanguage(String query) {
        return query == null
                ? ""
                : Stream.of(query.split("&"))
                        .filter(each -> !each.isEmpty() && !each.startsWith(LANGUAGE + "="))
                        .collect(Collectors.joining("&"));
    }

    /** As the address says, which is remembered; else as it is remembered; else as the browser says. */
    private String language(RoutingContext context) {
        var request = context.request();
        var asked = context.queryParams().get(LANGUAGE);
        if (Texts.ENGLISH.equals(asked) || Texts.RUSSIAN.equals(asked)) {
            context.response()
                    .headers()
                    .add(
                            "Set-Cookie",
                            LANGUAGE + "=" + asked + "; Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly");
            return asked;
        }
        var cookie = request.getCookie(LANGUAGE);
        return cookie != null && cookie.getValue().equals(Texts.RUSSIAN)
                ? Texts.RUSSIAN
                : cookie != null && cookie.getValue().equals(Texts.ENGLISH)
                        ? Texts.ENGLISH
                        : Texts.preferred(request.getHeader("Accept-Language"));
    }

    private String name(HttpServerRequest request) {
        return proxies.isSecure(request) ? "__Host-session" : "session";
    }

    private String cookie(HttpServerRequest request) {
        var cookie = request.getCookie(name(request));
        return cookie == null ? null : cookie.getValue();
    }

    /** @param seconds how long it is kept; below zero: until the browser ends */
    private String cookie(HttpServerRequest request, String value, int seconds) {
        return name(request) + "=" + value + "; Path=/; HttpOnly; SameSite=Strict"
                + (proxies.isSecure(request) ? "; Secure" : "")
                + (seconds < 0 ? "" : "; Max-Age=" + seconds);
    }
}
