package metrika.simulator;

import org.junit.jupiter.api.Test;

import metrika.conversions.intake.ConversionField;

import static org.assertj.core.api.Assertions.assertThat;

/** The simulator knows Metrika's columns by itself: it must know all that are sent. */
class UploadColumnsTest {

    @Test
    void everyColumnThatIsSentIsKnown() {
        assertThat(UploadCheck.COLUMNS).isEqualTo(ConversionField.headers());
    }
}
