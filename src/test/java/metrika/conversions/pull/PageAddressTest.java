package metrika.conversions.pull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Where a page is asked for, and what is told of it. */
class PageAddressTest {

    private static final PageCount NAMED = new PageCount(false, "", 0, "");

    @ParameterizedTest
    @CsvSource({
        "https://a.example/o?from={cursor}&page={page}, , '', https://a.example/o?from=1%3A0",
        "https://a.example/o?page={page}&from={cursor}, , '', https://a.example/o?from=1%3A0",
        "https://a.example/o?page={page}, , '', https://a.example/o",
        "https://a.example/o?filter[after]=id:{page}&n=1, , '', https://a.example/o?n=1",
        "https://a.example/o/{page}?from={cursor}, , '', https://a.example/o/1?from=1%3A0",
        "https://a.example/o?from={cursor}&page={page}, , 0, https://a.example/o?from=1%3A0&page=0",
        "https://a.example/o?from={cursor}&page={page}, a&b, '', https://a.example/o?from=1%3A0&page=a%26b",
        "https://a.example/o?from={cursor}&page={page}, https://a.example/p?q=1, '', https://a.example/p?q=1"
    })
    void theFirstPageHasNoParameterUnlessItHasAName(String template, String page, String firstPage, String address) {
        assertThat(PageAddress.of(template, "1:0", page, new PageCount(false, firstPage, 0, "")))
                .isEqualTo(address);
    }

    @Test
    void aPageOnAnotherServerIsNotAskedFor() {
        assertThatThrownBy(() -> PageAddress.of("https://a.example/o", "1", "https://b.example/o", NAMED))
                .hasMessageContaining("on another server, https://b.example");
    }

    @ParameterizedTest
    @CsvSource({
        "?n={page}, '', , ?n=1",
        "?n={page}, 0, , ?n=0",
        "?n={page}, 0, 3, ?n=3",
        "?offset={offset}, '', , ?offset=0",
        "?offset={offset}, '', 3, ?offset=100",
        "?offset={offset}&limit=50&from={cursor}, 0, 3, ?offset=150&limit=50&from=1"
    })
    void pagesAreCounted(String template, String firstPage, String page, String address) {
        var count = new PageCount(true, firstPage, 50, "");
        assertThat(PageAddress.of("https://a.example/o" + template, "1", page, count))
                .isEqualTo("https://a.example/o" + address);
    }

    @Test
    void anOffsetNeedsTheSizeOfAPage() {
        assertThatThrownBy(() ->
                        PageAddress.of("https://a.example/o?x={offset}", "1", null, new PageCount(true, "", 0, "")))
                .hasMessage("{offset} needs pageSize, the rows of a full page");
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.example/v2/calls?token=x#y, https://a.example/v2/calls",
        "https://u:p@a.example:8080/o, https://a.example:8080/o",
        "https://a.bitrix24.ru/rest/1/abcd1234efgh5678/crm.deal.list.json, https://a.bitrix24.ru/rest/1/***/crm.deal.list.json",
        "https://a.example/abcdefghijklmnop/x, https://a.example/***/x",
        "https://a.example, https://a.example",
        "https://a.example?a=/secret, https://a.example"
    })
    void whatMayBeSecretIsNotShown(String address, String shown) {
        assertThat(PageAddress.shown(address)).isEqualTo(shown);
    }
}
