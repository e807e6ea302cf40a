package metrika.conversions.pull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is posted for a page. */
class PageRequestTest {

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final PageCount NAMED = new PageCount(false, "", 0, "");
    private static final PageCount COUNTED = new PageCount(true, "", 50, "");

    private static String posted(String body, String type, String cursor, String page, PageCount count) {
        return PageRequest.of("https://a.example/o", new RequestBody(body, type), cursor, page, count)
                .body()
                .text();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '~',
            value = {
                "{\"from\": \"{cursor}\", \"after\": \"{page}\", \"n\": 2}¦¦{\"from\": \"1\\\"0\", \"n\": 2}",
                "{\"after\": \"{page}\", \"from\": \"{cursor}\"}¦¦{ \"from\": \"1\\\"0\"}",
                "{\"v\": {\"after\": {page}}}¦¦{\"v\": {}}",
                "{\"from\": {cursor}, \"after\": {page}}¦a\"b¦{\"from\": \"1\\\"0\", \"after\": \"a\\\"b\"}",
                "{\"q\": \"a \\\" b: {cursor}\", \"after\": {page}}¦7¦{\"q\": \"a \\\" b: 1\\\"0\", \"after\": 7}"
            })
    void theFirstPageOfJsonHasNoFieldAndValuesAreQuoted(String body, String page, String posted) {
        assertThat(posted(body, "application/json", "1\"0", page, NAMED)).isEqualTo(posted);
    }

    @ParameterizedTest
    @CsvSource({
        "'', , {\"page\": 1; \"skip\": 0}",
        "'', 3, {\"page\": 3; \"skip\": 100}",
        "0, , {\"page\": 0; \"skip\": 0}"
    })
    void pagesAreCounted(String firstPage, String page, String posted) {
        assertThat(posted(
                        "{\"page\": {page}, \"skip\": {offset}}",
                        "application/vnd.api+json; charset=utf-8",
                        "1",
                        page,
                        new PageCount(true, firstPage, 50, "")))
                .isEqualTo(posted.replace(';', ','));
    }

    @Test
    void aFormIsEncoded() {
        assertThat(posted("from={cursor}&page={page}&x=1", FORM, "a&b", null, NAMED))
                .isEqualTo("from=a%26b&x=1");
        assertThat(posted("from={cursor}&page={page}", FORM, "a b", "2", COUNTED))
                .isEqualTo("from=a%20b&page=2");
    }

    @Test
    void aNextPageThatIsAnAddressIsPostedTheSameBody() {
        var body = new RequestBody("{\"from\": \"{cursor}\"}", "application/json");
        var request = PageRequest.of("https://a.example/o", body, "1", "https://a.example/o?p=2", NAMED);
        assertThat(request.address()).isEqualTo("https://a.example/o?p=2");
        assertThat(request.body().text()).isEqualTo("{\"from\": \"1\"}");
        assertThat(request.body().method()).isEqualTo("POST");
    }

    @Test
    void whatCannotBeAskedForIsTold() {
        var none = new RequestBody("", "application/json");
        assertThat(none.method()).isEqualTo("GET");
        assertThatThrownBy(() -> PageRequest.of("https://a.example/o", none, "1", "2", NAMED))
                .hasMessage("its next page is '2', and address has no {page} to put it");
        assertThatThrownBy(() -> posted("{}", "application/json", "1", "2", NAMED))
                .hasMessage("its next page is '2', and address has no {page} to put it, nor has body");
        assertThatThrownBy(() -> posted("{\"q\": \"after {page}\"}", "application/json", "1", null, NAMED))
                .hasMessage("the first page has no name to put in place of {page} in body: give firstPage");
        assertThatThrownBy(() -> posted("{\"q\": {cursor}", "application/json", "1", null, NAMED))
                .hasMessage("body is no JSON, from line 1, column 8 on");
        assertThatThrownBy(() -> posted("<q/>", "text/xml", "1", null, NAMED))
                .hasMessage("contentType is 'text/xml': application/json or " + FORM + " is expected");
    }
}
