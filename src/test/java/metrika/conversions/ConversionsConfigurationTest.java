package metrika.conversions;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import metrika.conversions.check.TrialResult;
import metrika.conversions.check.TrialStore;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One connector in Camel's own main, with nothing but {@code application.properties}, as {@code camel run} starts it.
 */
class ConversionsConfigurationTest {

    private final Main main = new Main();
    private int port;

    @BeforeEach
    void start() throws Exception {
        port = freePort();
        main.setPropertyPlaceholderLocations("file:application.properties");
        main.addOverrideProperty("camel.main.routesIncludePattern", "file:routes/sources/in-form.camel.yaml");
        main.addOverrideProperty("camel.server.enabled", "true");
        main.addOverrideProperty("camel.server.port", String.valueOf(port));
        main.addOverrideProperty("camel.management.enabled", "false");
        main.start();
    }

    @AfterEach
    void stop() {
        main.stop();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private HttpResponse<String> post(String form) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(
                        "http://localhost:%d/inbound/form/5f0e1c52-0000-0000-0000-000000000000".formatted(port)))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private TrialResult result() {
        var store = main.getCamelContext()
                .getRegistry()
                .lookupByNameAndType(ConversionsConfiguration.TRIAL_STORE, TrialStore.class);
        assertThat(store.results()).hasSize(1);
        return store.results().get(0);
    }

    @Test
    void aConversionIsCheckedAndBecomesWhatMetrikaWouldGet() throws Exception {
        var answer = post("client_id=1.1&target=buy&date_time=2025-07-01T12:00:00Z&price=1500,5&currency=RUB");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(result().csv().lines())
                .containsExactly(
                        "ClientId,UserId,Yclid,PurchaseId,Target,DateTime,Price,Currency",
                        "1.1,,,,buy,1751371200,1500.5,RUB");
    }

    @Test
    void whatBreaksARuleIsRefused() throws Exception {
        post("client_id=1.1&date_time=2025-07-01T12:00:00Z");
        assertThat(result().store().refused())
                .singleElement()
                .satisfies(row -> assertThat(row.reason()).contains("target is required"));
    }
}
