package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.apache.camel.support.DefaultRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Faults that a route would show only when a message comes to the step. */
class StepCheckTest {

    @TempDir
    private Path folder;

    private List<String> check(String route) throws IOException {
        var file = folder.resolve("in-x.camel.yaml");
        Files.writeString(file, route);
        var registry = new DefaultRegistry();
        registry.bind("httpSource", "a text");
        return new StepCheck(registry, name -> "1")
                .of(List.of(file), List.of(file)).stream()
                        .map(finding -> finding.toString().replace(folder + "/", ""))
                        .toList();
    }

    @Test
    void anExpressionThatIsNoneIsNamedWithItsLine() throws IOException {
        assertThat(check("""
            - route:
                id: in-x
                from:
                  uri: timer:x
                  steps:
                    - setBody:
                        expression:
                          simple:
                            expression: ${body
                    - filter:
                        expression:
                          simple:
                            expression: ${body} = 'x'
                    - setBody:
                        simple: ${header.{{name}}} and ${body}
            """)).hasSize(2).satisfies(found -> {
            assertThat(found.get(0)).startsWith("in-x.camel.yaml, line 9: the expression '${body' cannot be read: ");
            assertThat(found.get(1))
                    .startsWith("in-x.camel.yaml, line 13: the expression '${body} = 'x'' cannot be read: ");
        });
    }

    @Test
    void aMethodThatTheBeanHasNotIsNamed() throws IOException {
        assertThat(check("""
            - route:
                id: in-x
                from:
                  uri: timer:x
                  steps:
                    - bean:
                        ref: httpSource
                        method: lenght
                    - setBody:
                        expression:
                          method:
                            ref: httpSource
                            method: substring(1)
            """))
                .containsExactly("in-x.camel.yaml, line 8: the bean httpSource has no method lenght: is length meant?");
    }

    @Test
    void aSourceSaysForWhichWebhookItIs() throws IOException {
        var source = """
            - route:
                id: in-x
                from:
                  uri: timer:x
                  steps:
                    %s
                    - to:
                        uri: direct:store-conversions
            """;
        assertThat(check(source.formatted("- log: x")))
                .containsExactly("in-x.camel.yaml, line 4: it does not say for which webhook it is: "
                        + "set the variable webhook to the id of one before what stores");
        assertThat(check(source.formatted("- setVariable: {name: webhook, constant: x}")))
                .isEmpty();
        assertThat(check(source.formatted("- setVariables: {variables: [{name: webhook, constant: x}]}")))
                .isEmpty();
    }

    @Test
    void aSourceOverHttpDoesNotLetEveryoneIn() throws IOException {
        var source = """
            - route:
                id: in-x
                from:
                  uri: platform-http:/inbound/x/{webhook_id}
                  steps:
                    %s
                    - to: direct:store-conversions
            """;
        assertThat(check(source.formatted("- log: x")))
                .hasSize(1)
                .allMatch(finding -> finding.contains("line 4: everyone is let in"));
        assertThat(check(source.formatted("- bean: {ref: authenticator, method: authorizeSource}")))
                .isEmpty();
    }

    @Test
    void aRouteThatNothingCallsIsNamed() throws IOException {
        assertThat(check("""
            - route:
                id: x
                from:
                  uri: direct:x
                  steps:
                    - to: direct:in-y
            """)).containsExactly("in-x.camel.yaml, line 4: nothing calls direct:x");
    }
}
