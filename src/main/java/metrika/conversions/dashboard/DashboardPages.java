package metrika.conversions.dashboard;

import java.nio.charset.StandardCharsets;
import java.util.Set;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.vertx.core.http.HttpServerResponse;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.problem.ProblemMapper;

/** What routes answer a browser with: pages from data and templates, and the way to another page. */
public final class DashboardPages {

    private static final String HTML = "text/html; charset=utf-8";
    private static final String TEMPLATES = "metrika.conversions.dashboard.templates";
    private static final int REFRESH_SECONDS = 3;
    /** The variable with the course of the figures, where a page shows it. */
    private static final String COURSE = "course-shown";
    /** The statuses that have words of their own. */
    private static final Set<Integer> KNOWN = Set.of(400, 403, 404, 409, 410, 500, 503);

    /** Made when a page is asked for first. */
    private volatile TemplateEngine engine;

    /**
     * Makes the body, JSON, a page.
     *
     * @param template the file {@code src/main/jte/<template>.jte}
     * @throws ProblemException 404 when there is no data: what the page is about is not there
     */
    public void render(Exchange exchange, String template) {
        var body = exchange.getMessage().getBody(String.class);
        if (body == null || body.isEmpty()) {
            nothing();
        }
        var data = object(body);
        var course = exchange.getVariable(COURSE, String.class);
        if (course != null) {
            data.set("course", object(course));
        }
        answer(exchange, 200, page(visitor(exchange), template, data));
    }

    /**
     * Makes the body a CSV file that a browser saves.
     *
     * @throws ProblemException 404 when there is no body
     */
    public void download(Exchange exchange, String name) {
        var file = exchange.getMessage().getBody(byte[].class);
        if (file == null) {
            nothing();
        }
        answer(exchange, 200, "");
        var message = exchange.getMessage();
        message.setHeader(Exchange.CONTENT_TYPE, "text/csv; charset=utf-8");
        message.setHeader("Content-Disposition", "attachment; filename=\"%s\"".formatted(name));
        message.setBody(file);
    }

    private static ObjectNode object(String json) {
        return (ObjectNode) Json.object(json.getBytes(StandardCharsets.UTF_8));
    }

    /** As {@link #render}, and the browser loads it again every few seconds while its state is {@code running}. */
    public void renderProgress(Exchange exchange, String template) {
        var body = exchange.getMessage().getBody(String.class);
        render(exchange, template);
        if (Json.object(body.getBytes(StandardCharsets.UTF_8))
                .path("state")
                .asText()
                .equals("running")) {
            exchange.getMessage().setHeader("Refresh", REFRESH_SECONDS);
        }
    }

    /** Puts the JSON of a variable under its name into the body, if there is one. */
    public void add(Exchange exchange, String name) throws JsonProcessingException {
        var body = exchange.getMessage().getBody(String.class);
        if (body != null) {
            var page = (ObjectNode) Json.MAPPER.readTree(body);
            page.set(name, Json.MAPPER.readTree(exchange.getVariable(name, String.class)));
            exchange.getMessage().setBody(Json.write(page));
        }
    }

    /** Tells that there is nothing of what was asked for. */
    public void nothing() {
        throw ProblemException.of(404, "There is nothing of this id");
    }

    /** A page without data. */
    public void show(Exchange exchange, String template) {
        answer(exchange, 200, page(visitor(exchange), template, Json.MAPPER.createObjectNode()));
    }

    /** The form to sign in by, after a refusal with the status of one. */
    public void login(Exchange exchange) {
        var visitor = visitor(exchange);
        answer(exchange, visitor.hasFailed() ? 403 : 200, page(visitor, "login", Json.MAPPER.createObjectNode()));
    }

    /** Leads to another page, which shows what has become of an act. */
    public void lead(Exchange exchange, String path) {
        answer(exchange, 303, "");
        exchange.getMessage().setHeader("Location", path);
    }

    /** Leads to the overview with the cookie of a new session. */
    public void enter(Exchange exchange) {
        lead(exchange, "/dashboard");
        exchange.getMessage().setHeader("Set-Cookie", exchange.getVariable(DashboardAccess.COOKIE, String.class));
    }

    /** Leads to the login with the cookie taken back. */
    public void leave(Exchange exchange) {
        lead(exchange, DashboardAccess.LOGIN);
        exchange.getMessage().setHeader("Set-Cookie", exchange.getVariable(DashboardAccess.COOKIE, String.class));
    }

    /** Tells what failed. Called by {@code on-error-dashboard}. */
    public void fail(Exchange exchange) {
        var problem = ProblemMapper.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        answer(exchange, problem.status(), problemPage(visitor(exchange), problem));
    }

    /** Tells what was refused before it came to a route. */
    void write(HttpServerResponse response, Visitor visitor, ProblemException problem) {
        response.setStatusCode(problem.status()).putHeader("Content-Type", HTML);
        response.end(problemPage(visitor, problem));
    }

    private String problemPage(Visitor visitor, ProblemException problem) {
        ObjectNode document = Json.MAPPER.valueToTree(problem.document());
        document.put("title", kind(problem.status()));
        return page(visitor, "problem", document);
    }

    private static String kind(int status) {
        if (KNOWN.contains(status)) {
            return String.valueOf(status);
        }
        return status < 500 ? "400" : "500";
    }

    private String page(Visitor visitor, String template, JsonNode data) {
        var output = new StringOutput();
        engine().render(template + ".jte", new View(visitor, data), output);
        return output.toString();
    }

    private TemplateEngine engine() {
        if (engine == null) {
            engine = TemplateEngine.createPrecompiled(
                    null, ContentType.Html, DashboardPages.class.getClassLoader(), TEMPLATES);
        }
        return engine;
    }

    private static Visitor visitor(Exchange exchange) {
        return exchange.getVariable(Visitor.VARIABLE, Visitor.class);
    }

    private static void answer(Exchange exchange, int status, String page) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        message.setHeader(Exchange.CONTENT_TYPE, HTML);
        message.setBody(page);
    }
}
