package metrika.conversions.text;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CountedTest {

    @Test
    void oneIsNotSeveral() {
        assertThat(Counted.of(1, "row")).isEqualTo("1 row");
        assertThat(Counted.of(0, "row")).isEqualTo("0 rows");
        assertThat(Counted.are(1, "row")).isEqualTo("1 row is");
        assertThat(Counted.are(2, "row")).isEqualTo("2 rows are");
    }
}
