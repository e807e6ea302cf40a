package metrika.conversions.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

import metrika.conversions.problem.ProblemException;

/** What a person sees who opens the address of the API in a browser. */
public final class WebPages {

    /** Camel's property that says where the simulator is, where it runs. */
    public static final String SIMULATOR_URL = "simulator.url";

    private static final String START = """
        <h1>metrika-conversions</h1>
        <p>Takes offline conversions from CRMs, ERPs and tills and delivers them to Yandex Metrika.</p>
        <p lang="ru">Принимает офлайн-конверсии из CRM, ERP и касс и передаёт их в Яндекс Метрику.</p>
        <ul>
        <li><a href="/docs">Description of the API</a> (<a href="/openapi.yaml">openapi.yaml</a>, for programs)</li>
        %s</ul>
        """;
    private static final String SIMULATOR = """
        <li><a href="%s/simulator/">The simulator of Metrika</a>, on this machine: nothing reaches the real one</li>
        """;

    /** Rendered when it is asked for first. */
    private volatile String api;

    /**
     * The page at {@code /}.
     *
     * @throws ProblemException 404 to who takes no HTML, as at any path that there is not
     */
    public String renderStart(Exchange exchange) {
        var request = exchange.getMessage(HttpMessage.class).getRequest();
        if (!takesHtml(request.getHeader("Accept"))) {
            throw ProblemException.of(404, "There is nothing at / but a page for people, in HTML");
        }
        var link = exchange.getContext()
                .getPropertiesComponent()
                .resolveProperty(SIMULATOR_URL)
                .filter(url -> !url.isEmpty())
                .map(url -> SIMULATOR.formatted(OpenApiPage.escaped(url)))
                .orElse("");
        return OpenApiPage.html("metrika-conversions", START.formatted(link));
    }

    /** The page at {@code /docs}: {@code openapi.yaml} for people. */
    public String renderApi() throws IOException {
        if (api == null) {
            try (InputStream description = WebPages.class.getResourceAsStream("/openapi.yaml")) {
                api = OpenApiPage.of(new String(description.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return api;
    }

    private static boolean takesHtml(String accept) {
        return accept == null
                || accept.isBlank()
                || accept.toLowerCase(Locale.ROOT).matches("(?s).*(text/(html|\\*)|\\*/\\*).*");
    }
}
