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

    private static final String POLL = """
            - route:
                id: in-x
                routeConfigurationId: %s
                from:
                  uri: kafka:topic
                  parameters: {batching: true%s}
                  steps:
                    - setVariable: {name: webhook, constant: x}
                    - split:
                        stopOnException: %s
                        method: {ref: kafkaMessages, method: messages}
                        steps:
                          - to: direct:store-message
            - routeConfiguration:
                id: on-error-here
                onException:
                  - onException:
                      exception: [java.lang.Exception]
                      handled: {constant: "true"}
            - routeConfiguration:
                id: on-error-elsewhere
                onException:
                  - onException:
                      exception: [java.lang.Exception]
            """;

    @Test
    void aPollOfKafkaOfWhichTheRestWouldBeLostIsNamed() throws IOException {
        assertThat(check(POLL.formatted("on-error-here", ", maxPollRecords: 9", true)))
                .singleElement()
                .asString()
                .contains("in-x.camel.yaml, line 5: the routeConfiguration on-error-here handles what fails")
                .contains("the rest of the poll would be lost");
        assertThat(check(POLL.formatted("on-error-elsewhere", ", maxPollRecords: 9", true)))
                .isEmpty();
        assertThat(check(POLL.formatted("on-error-here", ", maxPollRecords: 9", false)))
                .isEmpty();
    }

    @Test
    void batchingWithoutASizeIsNamed() throws IOException {
        var file = folder.resolve("in-x.camel.yaml");
        Files.writeString(file, POLL.formatted("on-error-elsewhere", "", true));
        assertThat(new StepCheck(new DefaultRegistry(), name -> null).of(List.of(file), List.of(file)))
                .singleElement()
                .asString()
                .contains("line 5: batching needs maxPollRecords");
        assertThat(new StepCheck(new DefaultRegistry(), name -> "500").of(List.of(file), List.of(file)))
                .isEmpty();
    }

    @Test
    void aSignatureThatIsAskedForWhenTheBodyHasBeenReadIsNamed() throws IOException {
        var source = """
            - route:
                id: in-x
                from:
                  uri: %s
                  steps:
                    - bean: {ref: authenticator, method: authorizeSource}
            %s
                    - to: direct:store-mapped
            """;
        var verify = "        - bean: {ref: bodySignature, method: verify}\n";
        var read = "        - bean: {ref: httpBodyReader, method: read}\n";
        var format = "        - setVariable: {name: format, constant: form}\n";
        var http = "platform-http:/inbound/x/{webhook_id}";
        assertThat(check(source.formatted(http, format + verify + read))).isEmpty();
        assertThat(check(source.formatted(http, format + read + verify)))
                .singleElement()
                .asString()
                .contains("line 4: bodySignature.verify comes after the body has been read");
        var unmarshal = "        - unmarshal: {json: {}}\n";
        assertThat(check(source.formatted(http, verify + unmarshal))).isEmpty();
        assertThat(check(source.formatted(http, unmarshal + verify)))
                .singleElement()
                .asString()
                .contains("line 4: bodySignature.verify comes after a step that makes another body");
        assertThat(check(source.formatted("kamelet:http-source?name=x", verify)))
                .singleElement()
                .asString()
                .contains("give the kamelet http-source the parameters of the signature");
        assertThat(check(source.formatted(http, verify + read)))
                .singleElement()
                .asString()
                .contains("httpBodyReader.read needs the variable format");
    }
}
