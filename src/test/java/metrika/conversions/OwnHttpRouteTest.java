package metrika.conversions;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;

/** What check shows of a route over HTTP that does without the kamelet http-source. */
class OwnHttpRouteTest {

    private static final String ROUTE = """
            - route:
                id: in-own
                description: Takes a file that a partner posts, and answers
                routeConfigurationId: on-error-api
                from:
                  uri: platform-http:/inbound/own/{webhook_id}
                  parameters:
                    headerFilterStrategy: "#sourceHeaders"
                  steps:
                    - bean:
                        ref: authenticator
                        method: authorizeSource
            %s
            """;

    private static final String SIGNATURE = """
                    - setVariables:
                        variables:
                          - {name: source, constant: own}
                          - {name: signature, constant: X-Signature}
                          - {name: signature-key, constant: key}
            """;

    private static final String VERIFY = """
                    - bean:
                        ref: bodySignature
                        method: verify
            """;

    private static final String MAP = """
                    - bean:
                        ref: rowMapper
                        method: map
            """;

    @TempDir
    private Path folder;

    private String checked(String steps, String body) throws Exception {
        var route = Files.writeString(folder.resolve("in-own.camel.yaml"), ROUTE.formatted(steps));
        var sample = Files.writeString(
                folder.resolve("own.http"),
                "POST /inbound/own/W?secret=S HTTP/1.1\nContent-Type: application/json\n\n" + body);
        var out = new ByteArrayOutputStream();
        new CheckCommand(Settings.in(Path.of("")), new PrintStream(out, true, StandardCharsets.UTF_8))
                .run(CheckArguments.of(List.of(route.toString(), sample.toString())));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theStatusAndTheBodyOfItsAnswerAreShown() throws Exception {
        var answering = """
                        - to: direct:store-file
                        - setHeader:
                            name: CamelHttpResponseCode
                            simple: ${iif(${variable.file.refused} == 0,201,422)}
                        - setBody:
                            simple: ${variable.file.answer}
                """;
        var good = "{\"client_id\": \"1.1\", \"target\": \"buy\", \"date_time\": \"2025-07-01 12:00\"}";
        assertThat(checked(answering, good))
                .contains("What the sender gets:\n  status 201: {\"stored\":1,\"changed\":0,\"refused_count\":0,");
        assertThat(checked(answering, good.replace("2025-07-01", "July")))
                .contains("status 422: {\"stored\":0,", "{\"line\":1,\"field\":\"date_time\",\"reason\":\"");
    }

    @Test
    void aCheckThatDoesNotHoldIsToldAsTheRouteHasIt() throws Exception {
        var step = "        - validate: {description: It has a receipt, simple: \"${body} contains 'receipt'\"}\n";
        assertThat(checked(step, "{}"))
                .contains("The connector failed: A check of the route does not hold: ${body} contains 'receipt' (")
                .contains("in-own.camel.yaml, line 12: It has a receipt)")
                .doesNotContain("Exception");
    }

    @Test
    void aSignatureThatIsCheckedTooLateFailsAsInOperation() throws Exception {
        var store = "        - to: direct:store-orders\n";
        var order = "{\"client_id\": \"1.1\", \"target\": \"buy\", \"date_time\": \"2025-07-01 12:00\"}";
        assertThat(checked(SIGNATURE + VERIFY + MAP + store, order))
                .contains("no faults", "1 conversion,")
                .doesNotContain("failed");
        assertThat(checked(SIGNATURE + MAP + VERIFY + store, order))
                .contains("no faults", "The connector failed: ", "bodySignature.verify finds no request")
                .contains("in-own.camel.yaml, line 21");
    }

    @Test
    void aSignatureThatIsNotCheckedIsToldSo() throws Exception {
        var store = "        - to: direct:store-orders\n";
        var order = "{\"client_id\": \"1.1\", \"target\": \"buy\", \"date_time\": \"2025-07-01 12:00\"}";
        var told = "The signature of the sample was not checked, in operation it is: verify=true in "
                + folder.resolve("in-own.test/test.properties");
        assertThat(checked(SIGNATURE + VERIFY + MAP + store, order)).contains(told);
        assertThat(checked(VERIFY + MAP + store, order)).doesNotContain("was not checked");
        Files.writeString(
                Files.createDirectory(folder.resolve("in-own.test")).resolve("test.properties"), "verify=true");
        assertThat(checked(SIGNATURE + VERIFY + MAP + store, order))
                .contains("The signature in the header X-Signature is missing or wrong")
                .doesNotContain("was not checked");
    }

    @Test
    void anEmptyKeyIsWarnedOf() throws Exception {
        var key = "{name: signature-key, constant: key}";
        assertThat(checked(SIGNATURE + VERIFY + MAP, "{}")).doesNotContain("let nobody in");
        assertThat(checked(
                        SIGNATURE.replace(key, key.replace(": key}", ": '{{inbound.cloudpayments.secret}}'}")), "{}"))
                .contains("warning: in-own would not start or would let nobody in: inbound.cloudpayments.secret"
                        + " (INBOUND_CLOUDPAYMENTS_SECRET) is empty");
    }

    @Test
    void aMissingAnswerIsWarnedOf() throws Exception {
        var warning = "in-own.camel.yaml, line 6: nobody is told what is left out of a message";
        var answer = "        - bean: {ref: httpSource, method: answer}\n";
        assertThat(checked(MAP + "        - to: direct:store-orders\n", "{}")).contains("warning: ", warning);
        assertThat(checked(MAP + "        - to: {uri: direct:store-orders}\n" + answer, "{}"))
                .doesNotContain(warning);
        assertThat(checked("        - to: direct:store-file\n", "{}")).doesNotContain(warning);
    }

    /** Such as a server that a route asks, which does not know the order. */
    @Test
    void whatARouteHasCaughtIsNoFailureOfTheConnector() throws Exception {
        var caught = """
                        - doTry:
                            steps:
                              - bean: {ref: httpSource, method: "refuse(404, 'Not known')"}
                            doCatch:
                              - exception: [metrika.conversions.problem.ProblemException]
                                steps:
                                  - setBody: {constant: not known}
                """;
        assertThat(checked(caught, "{}")).contains("status 200: not known").doesNotContain("The connector failed");
        assertThat(checked(caught + "        - bean: {ref: httpSource, method: \"refuse(403, 'Not ours')\"}\n", "{}"))
                .contains("The connector failed: Not ours");
    }
}
