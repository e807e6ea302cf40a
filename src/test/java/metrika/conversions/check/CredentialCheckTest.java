package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;

/** Credentials of a source that is switched on which are empty. */
class CredentialCheckTest {

    private static final String ROUTE = """
            - route:
                id: in-shop
                precondition: "{{inbound.shop.enabled}}"
                from:
                  uri: kamelet:http-source
                  parameters:
                    name: shop
                    secretKey: RAW({{%s}})
                  steps:
                    - setVariables:
                        variables:
                          - {name: signature-key, constant: "{{%s}}"}
            """;

    @TempDir
    private Path folder;

    private Map<String, Set<String>> empty(String settings, String ofKamelet, String ofVariable) throws IOException {
        Files.writeString(folder.resolve("application.properties"), settings);
        var route = Files.writeString(folder.resolve("in-shop.camel.yaml"), ROUTE.formatted(ofKamelet, ofVariable));
        return new CredentialCheck(Settings.in(folder)).empty(List.of(route));
    }

    @ParameterizedTest
    @ValueSource(strings = {"password", "api-secret", "token2", "callback-key-2", "signature-secret"})
    void anEmptyOneIsFoundOfASourceThatIsOn(String word) throws IOException {
        var name = "inbound.shop." + word;
        var on = "inbound.shop.enabled=true\n";
        assertThat(empty(on + name + "=\n", name, "given")).isEqualTo(Map.of("in-shop", Set.of(name)));
        assertThat(empty(on + name + "=x\n", name, "given")).isEmpty();
        assertThat(empty("inbound.shop.enabled=false\n" + name + "=\n", name, "given"))
                .isEmpty();
    }

    @Test
    void theKeyOfASignatureMayHaveAnyName() throws IOException {
        assertThat(empty("inbound.shop.enabled=true\ninbound.shop.salt=\n", "given", "inbound.shop.salt"))
                .isEqualTo(Map.of("in-shop", Set.of("inbound.shop.salt")));
        assertThat(empty("inbound.shop.enabled=true\ninbound.shop.salt=\n", "inbound.shop.salt", "given"))
                .as("not of what need be no credential")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "inbound.shop.password;inbound.shop.private-key-file=id_rsa",
                "inbound.shop.password;inbound.shop.username=",
                "inbound.shop.truststore-password;",
                "inbound.shop.signature-secret;inbound.shop.signature=",
            })
    void oneThatMayBeEmptyIsNotFound(String given) throws IOException {
        var name = given.split(";")[0];
        var settings = "inbound.shop.enabled=true\n%s=\n%s\n".formatted(name, given.substring(name.length() + 1));
        assertThat(empty(settings, name, "given")).isEmpty();
        assertThat(empty("inbound.shop.enabled=true\ninbound.shop.key=\n", "inbound.shop.key:", "given"))
                .as("a route may say itself that there need be none")
                .isEmpty();
    }

    @Test
    void ofShippedSourcesThatAreOnThoseAreFoundThatNeedOne() throws IOException {
        var settings = Files.readString(Path.of("application.properties"))
                .replaceAll("(?m)^(inbound\\..*\\.enabled)=.*", "$1=true");
        Files.writeString(folder.resolve("application.properties"), settings);
        assertThat(new CredentialCheck(Settings.in(folder)).empty(FilesBelow.of(Path.of("routes"), RouteCheck.ROUTE)))
                .as("in-mail has no user either, which is told of as missing")
                .isEqualTo(Map.of(
                        "in-amocrm-deals", Set.of("inbound.amocrm-deals.token"),
                        "in-cloudpayments", Set.of("inbound.cloudpayments.secret")));
    }
}
