package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Where a source over HTTP would be reached is known of one that cannot run too. */
class SourceAddressTest {

    @TempDir
    private Path folder;

    private String of(String text) throws IOException {
        var file = Files.writeString(folder.resolve("in-shop.camel.yaml"), text);
        return SourceAddress.of(file, "shop", name -> name.equals("inbound.shop.name") ? "toys" : null);
    }

    @Test
    void theKameletHasTheNameOfThePath() throws IOException {
        var route = "- route:\n    from:\n      uri: kamelet:http-source\n      parameters:\n        name: %s\n";
        assertThat(of(route.formatted("books"))).isEqualTo("/inbound/books/{webhook_id}");
        assertThat(of(route.formatted("\"{{inbound.shop.name}}\""))).isEqualTo("/inbound/toys/{webhook_id}");
        assertThat(of("- route:\n    from:\n      uri: kamelet:http-source?methods=GET&name=books&format=csv\n"))
                .isEqualTo("/inbound/books/{webhook_id}");
        assertThat(of("- route:\n  from:\n    uri: kamelet:http-source?name=books\n"))
                .isEqualTo("/inbound/books/{webhook_id}");
    }

    @Test
    void anEndpointOfItsOwnSaysItsPath() throws IOException {
        assertThat(of("- route:\n    from:\n      uri: platform-http:/calls/{id}?httpMethodRestrict=POST\n"))
                .isEqualTo("/calls/{id}");
        assertThat(of("- route:\n    from:\n      uri: platform-http\n      parameters:\n        path: calls\n"))
                .isEqualTo("/calls");
    }

    @Test
    void whatIsNoYamlIsCalledByItsSource() throws IOException {
        assertThat(of("- route:\n  \tfrom: kamelet:http-source\n")).isEqualTo("/inbound/shop/{webhook_id}");
        assertThat(of("- route:\n  \tfrom: kamelet:folder-drop\n")).isNull();
    }

    @Test
    void anyOtherSourceHasNone() throws IOException {
        assertThat(of("- route:\n    from:\n      uri: timer:x\n")).isNull();
        assertThat(of("- routeTemplate:\n    id: in-shop\n")).isNull();
    }
}
