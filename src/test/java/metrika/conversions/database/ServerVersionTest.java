package metrika.conversions.database;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Which PostgreSQL servers are refused, and which are warned of. */
class ServerVersionTest {

    @ParameterizedTest
    @CsvSource({
        "140020, 14.20, true, false",
        "150000, 15.0, false, false",
        "170006, 17.6, false, false",
        "180000, 18.0, false, true",
        "180001, 18.1, false, true",
        "180002, 18.2, false, false",
        "180006, 18.6, false, false",
        "190000, 19.0, false, false"
    })
    void itTellsWhichServerIsTooOldOrLosesUpdates(int number, String shown, boolean isTooOld, boolean losesUpdates) {
        var version = new ServerVersion(number);
        assertThat(version).hasToString(shown);
        assertThat(version.isTooOld()).isEqualTo(isTooOld);
        assertThat(version.losesUpdates()).isEqualTo(losesUpdates);
    }
}
