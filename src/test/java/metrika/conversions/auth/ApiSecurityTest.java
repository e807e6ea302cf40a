package metrika.conversions.auth;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;

import metrika.conversions.auth.ApiSecurity.Caller;
import metrika.conversions.settings.SettingException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ApiSecurityTest {

    private static final Path API = Path.of("routes/api.camel.yaml");

    private static ApiSecurity read(UnaryOperator<String> edit) throws Exception {
        try (var context = new DefaultCamelContext()) {
            context.getRestConfiguration().setInlineRoutes(false);
            var loader = PluginHelper.getRoutesLoader(context);
            try (Stream<Path> files = Files.walk(Path.of("routes"))) {
                for (var file : files.filter(path -> path.toString().matches("routes/(api|api/.*|pages).camel.yaml"))
                        .toList()) {
                    loader.loadRoutes(ResourceHelper.fromString("file:" + file, edit.apply(Files.readString(file))));
                }
            }
            var security = new ApiSecurity();
            security.read(context);
            return security;
        }
    }

    @Test
    void theShippedOperationsSayWhoMayCall() throws Exception {
        var security = read(text -> text);
        var webhook = "/webhook/offline-conversions/1";
        assertThat(security.find("POST", webhook).orElseThrow().caller()).isEqualTo(Caller.SENDER);
        assertThat(security.find("POST", webhook).orElseThrow().webhookIn(webhook))
                .isEqualTo("1");
        assertThat(security.find("GET", webhook).orElseThrow().caller()).isEqualTo(Caller.ADMIN);
        assertThat(security.find("DELETE", webhook + "/batches/2").orElseThrow().caller())
                .isEqualTo(Caller.SENDER_OR_ADMIN);
        assertThat(security.find("DELETE", webhook + "/batches/2").orElseThrow().webhookIn(webhook + "/batches/2"))
                .isEqualTo("1");
        assertThat(security.find("GET", "/ledger").orElseThrow().webhookIn("/ledger"))
                .isNull();
        assertThat(security.find("GET", "/openapi.yaml").orElseThrow().caller()).isEqualTo(Caller.ANYONE);
        assertThat(security.find("GET", "/openapi-yaml")).isEmpty();
        assertThat(security.find("GET", webhook + "/2")).isEmpty();
    }

    @Test
    void anOperationThatDoesNotSayItKeepsTheProductFromStarting() throws Exception {
        var security = "        security:\n          - key: adminToken\n        to: direct:api-show-ledger\n";
        assertThat(Files.readString(API)).contains(security);
        for (var other : List.of(
                "",
                "        security:\n          - key: none\n",
                "        security:\n          - key: webhookSecret\n")) {
            assertThatThrownBy(
                            () -> read(text -> text.replace(security, other + "        to: direct:api-show-ledger\n")))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("The operation show-ledger");
        }
    }

    @Test
    void aRouteThatDoesNotAskKeepsTheProductFromStarting() {
        assertThatThrownBy(() -> read(text -> text.contains("id: api-show-audit\n")
                        ? text.replace("ref: authenticator", "ref: problems")
                        : text))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("show-audit")
                .hasMessageContaining("direct:api-show-audit");
    }
}
