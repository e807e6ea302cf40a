package metrika.conversions.pull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Where a page is asked for, and what is told of it. */
class PageAddressTest {

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
        assertThat(PageAddress.of(template, "1:0", page, firstPage)).isEqualTo(address);
    }

    @Test
    void aPageWithoutAPlaceOrOnAnotherServerIsNotAskedFor() {
        assertThatThrownBy(() -> PageAddress.of("https://a.example/o", "1", "2", ""))
                .hasMessage("its next page is '2', and address has no {page} to put it");
        assertThatThrownBy(() -> PageAddress.of("https://a.example/o", "1", "https://b.example/o", ""))
                .hasMessageContaining("on another server, https://b.example");
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
