package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.apache.camel.support.DefaultRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What a source that pulls has to say together with something else. */
class PullCheckTest {

    @TempDir
    private Path folder;

    /** @param parameters with {@code ¦} between them */
    private List<String> check(String parameters) throws IOException {
        var file = Files.writeString(
                folder.resolve("in-x.camel.yaml"), """
                - route:
                    id: in-x
                    from:
                      uri: kamelet:rest-pull
                      parameters:
                        name: x
                        %s
                      steps:
                        - to:
                            uri: direct:store-orders
                """.formatted(parameters.replace("¦", "\n        ")));
        return new StepCheck(new DefaultRegistry(), name -> name.equals("empty") ? "" : "7")
                .of(List.of(file), List.of(file)).stream()
                        .map(finding -> finding.toString().replaceFirst(".*line 4: ", ""))
                        .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "address: RAW(https://a.example/o?skip={offset})¦pageSize: '{{size}}'",
                "address: RAW(https://a.example/o?page={page})¦countPages: true¦pages: n",
                "address: RAW(https://a.example/o?skip={offset})¦pageSize: 100¦pages: n",
                "address: RAW(https://a.example/o)¦countPages: false",
                "address: RAW(https://a.example/o)¦body: 'RAW({\"page\": {page}, \"since\": \"{cursor}\", \"key\": \"{{key}}\"})'¦countPages: true",
                "address: RAW(https://a.example/o)¦body: RAW(page={page}&x)¦contentType: application/x-www-form-urlencoded¦pages: n",
                "address: RAW(https://a.example/o)¦username: RAW({{empty}})¦authorization: RAW({{key}})",
                "address: RAW(https://a.example/o)¦username: RAW({{user}})¦authorization: RAW({{empty}})",
                "address: RAW(https://a.example/o)¦cursorFormat: iso¦cursorZone: Europe/Moscow"
            })
    void whatIsCompleteHasNoFault(String parameters) throws IOException {
        assertThat(check(parameters)).isEmpty();
    }

    @Test
    void anOffsetNeedsTheSizeOfAPage() throws IOException {
        var fault = "{offset} needs pageSize, the rows of a full page";
        assertThat(check("address: RAW(https://a.example/o?skip={offset})")).containsExactly(fault);
        assertThat(check("address: RAW(https://a.example/o?skip={offset})¦pageSize: '0'"))
                .containsExactly(fault);
    }

    @Test
    void pagesThatAreCountedAreAskedFor() throws IOException {
        assertThat(check("address: RAW(https://a.example/o)¦countPages: true¦pages: n"))
                .containsExactly(
                        "pages is given, and neither address nor body has {page} or {offset}: each page would be the first one",
                        "countPages is true, and neither address nor body has {page} or {offset}: each page would be the first one");
    }

    @Test
    void aBodyIsJsonOrAForm() throws IOException {
        var address = "address: RAW(https://a.example/o)¦body: RAW(page={page})";
        assertThat(check(address)).containsExactly("body is no JSON, from line 1, column 5 on");
        assertThat(check(address + "¦contentType: text/xml"))
                .containsExactly(
                        "contentType is 'text/xml': application/json or application/x-www-form-urlencoded is expected");
    }

    @Test
    void thereIsOneWayToLogIn() throws IOException {
        assertThat(check("address: RAW(https://a.example/o)¦username: u¦authorization: RAW(x)¦tokenAddress: RAW(t)"))
                .containsExactly(
                        "username is given besides authorization: give one of them",
                        "username is given besides tokenAddress: give one of them");
    }
}
