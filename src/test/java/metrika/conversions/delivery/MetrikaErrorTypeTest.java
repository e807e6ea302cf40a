package metrika.conversions.delivery;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What Metrika's errors are taken for. */
class MetrikaErrorTypeTest {

    @ParameterizedTest
    @CsvSource({
        "400, invalid_parameter, INVALID_PARAMETER",
        "403, access_denied, ACCESS_DENIED",
        "400, access_denied, ACCESS_DENIED",
        "429, quota_requests_by_uid, QUOTA_REQUESTS_BY_UID",
        "200, backend_error, BACKEND_ERROR",
        "404, not_found, NOT_FOUND",
        // What is new, or has no type, is taken by its status
        "401, , OTHER_ACCESS",
        "403, of_tomorrow, OTHER_ACCESS",
        "420, , OTHER_QUOTA",
        "429, of_tomorrow, OTHER_QUOTA",
        "408, of_tomorrow, NO_CLEAR_ANSWER",
        "400, of_tomorrow, OTHER_REJECTION",
        "404, of_tomorrow, NOT_FOUND",
        "200, of_tomorrow, NO_CLEAR_ANSWER",
        "302, , NO_CLEAR_ANSWER",
        // The names of this table's own rows are none of Metrika's
        "400, not_called, OTHER_REJECTION",
        "400, other_access, OTHER_REJECTION",
        // A failure of the server says nothing of what it took
        "500, invalid_parameter, NO_CLEAR_ANSWER",
        "503, quota_requests_by_ip, NO_CLEAR_ANSWER"
    })
    void anAnswerOfMetrikaIsToldByItsTypeAndElseByItsStatus(int status, String name, MetrikaErrorType expected) {
        assertThat(MetrikaErrorType.of(status, name, true)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"400, NO_CLEAR_ANSWER", "404, NO_CLEAR_ANSWER", "403, OTHER_ACCESS", "429, OTHER_QUOTA"})
    void whatStandsInTheWaySaysNothingOfTheFile(int status, MetrikaErrorType expected) {
        assertThat(MetrikaErrorType.of(status, null, false)).isEqualTo(expected);
    }

    @Test
    void aQuotaOfTheDayIsWaitedForUntilMidnightInUtc() {
        assertThat(MetrikaErrorType.QUOTA_REQUESTS_BY_UID.pause(Instant.parse("2026-03-01T22:30:00Z")))
                .isEqualTo(Duration.ofMinutes(90));
        assertThat(MetrikaErrorType.QUOTA_REQUESTS_BY_IP.pause(Instant.EPOCH)).isEqualTo(Duration.ofSeconds(1));
        assertThat(MetrikaErrorType.BACKEND_ERROR.pause(Instant.EPOCH)).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void onlyAThrottledCallIsWaitedForOnTheSpot(MetrikaErrorType type) {
        var brief = new MetrikaException(type, "code", "", "", Duration.ofSeconds(1));
        assertThat(brief.isBrief()).isEqualTo(type.errorClass() == MetrikaErrorClass.THROTTLED);
        assertThat(new MetrikaException(type, "code", "", "", Duration.ofSeconds(2)).isBrief())
                .isFalse();
        assertThat(new MetrikaException(type, "code", "", "", null).isBrief()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void everyClassSaysWhatToDo(MetrikaErrorClass each) {
        assertThat(each.adviceAfterUpload()).endsWith(".");
        assertThat(each.adviceAfterQuestion()).endsWith(".");
    }
}
