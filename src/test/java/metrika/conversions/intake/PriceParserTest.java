package metrika.conversions.intake;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Prices digit by digit. */
class PriceParserTest {

    @ParameterizedTest
    @CsvSource({
        "19.99, 19.99",
        "19.90, 19.90",
        "0, 0",
        "9, 9",
        "-0, 0",
        "-5, -5",
        "-0.50, -0.50",
        "007, 7",
        "12345678901234567890, 12345678901234567890",
        "-12345678901234567890.1234567890, -12345678901234567890.1234567890",
        "0.1234567890, 0.1234567890"
    })
    void aTextIsADecimal(String text, String price) {
        assertThat(PriceParser.ofText(text).toPlainString()).isEqualTo(price);
        assertThat(PriceParser.ofNumber(text).toPlainString()).isEqualTo(price);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "-", ".", "-.", "5.", ".5", "-.5", "1.2.3", "1e3", "+5", "1,5", "1 5", "--5", "5-", "/", ":", "٥"
            })
    void whatIsNoDecimalIsNone(String text) {
        assertThat(PriceParser.ofText(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"1.5e3, 1500", "1E2, 100", "15e-1, 1.5", "0e0, 0", "1e19, 10000000000000000000"})
    void aNumberOfJsonMayHaveAnExponent(String number, String price) {
        assertThat(PriceParser.ofNumber(number).toPlainString()).isEqualTo(price);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "123456789012345678901",
                "0.12345678901",
                // More than forty characters are not looked at
                "00000000000000000000000000000000000000005"
            })
    void whatIsOutOfMeasureIsNone(String text) {
        assertThat(PriceParser.ofText(text)).isNull();
        assertThat(PriceParser.ofNumber(text)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e20", "1e999999999", "1e-11", "1e-999999999", "1e99999999999", "nonsense"})
    void soIsANumberOfTooManyDigits(String number) {
        assertThat(PriceParser.ofNumber(number)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000000000000000000000000000000000000005", "0000000000000000000000000000000000000.50"})
    void fortyCharactersAreTaken(String text) {
        assertThat(PriceParser.ofText(text)).isNotNull();
        assertThat(PriceParser.ofNumber(text)).isNotNull();
    }
}
