package metrika.conversions.delivery;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Which failures are waited for on the spot. */
class FailureRecorderTest {

    private final FailureRecorder recorder = new FailureRecorder();

    private static MetrikaException notCalled(Duration pause) {
        return MetrikaException.notCalled("quota", "no call is left", pause);
    }

    @Test
    void aFailureThatIsOverInASecondIsBriefAlsoWhereASplitHasWrappedIt() {
        assertThat(recorder.isBrief(notCalled(Duration.ofSeconds(1)))).isTrue();
        assertThat(recorder.isBrief(new IllegalStateException(new RuntimeException(notCalled(Duration.ofSeconds(1))))))
                .isTrue();
    }

    @Test
    void whatTakesLongerOrIsNoAnswerOfMetrikaIsNot() {
        assertThat(recorder.isBrief(new RuntimeException(notCalled(Duration.ofSeconds(2)))))
                .isFalse();
        assertThat(recorder.isBrief(new RuntimeException("no cause"))).isFalse();
        assertThat(recorder.isBrief(null)).isFalse();
    }
}
