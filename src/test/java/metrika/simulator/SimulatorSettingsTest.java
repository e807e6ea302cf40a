package metrika.simulator;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SimulatorSettingsTest {

    @Test
    void areTheDefaultsWhenNothingIsSet() {
        assertThat(SimulatorSettings.of(name -> null)).isEqualTo(SimulatorSettings.defaults());
    }

    @Test
    void readsEverySetting() {
        Map<String, String> given = new HashMap<>();
        given.put("simulator.host", "::1");
        given.put("simulator.port", "8099");
        given.put("simulator.directory", "some/where");
        given.put("simulator.step", "PT0S");
        given.put("simulator.list-delay", "PT5M");
        given.put("simulator.list-order", "oldest");
        given.put("simulator.list-offset", "refused-past-end");
        given.put("simulator.statuses", "PREPARED,PROCESSED");
        given.put("simulator.future", "reject-row");
        given.put("simulator.age-limit", "P21D");
        given.put("simulator.linkage", "half");
        given.put("simulator.goals", "a, b");
        given.put("simulator.tokens", "t");
        given.put("simulator.counters", "1,2");
        given.put("simulator.create-time", "zulu");
        given.put("simulator.extra-fields", "on");
        given.put("simulator.quota", "on");
        given.put("simulator.max-bytes", "1000");

        assertThat(given.keySet()).isEqualTo(SimulatorSettings.NAMES);
        assertThat(SimulatorSettings.of(given::get))
                .isEqualTo(SimulatorSettings.defaults()
                        .withHost("::1")
                        .withPort(8099)
                        .withDirectory(Path.of("some/where"))
                        .withStep(Duration.ZERO)
                        .withListDelay(Duration.ofMinutes(5))
                        .withListOrder(ListOrder.OLDEST)
                        .withListOffset(ListOffset.REFUSED_PAST_END)
                        .withStatuses("PREPARED", "PROCESSED")
                        .withFuture(FutureRows.REJECT_ROW)
                        .withAgeLimit(Duration.ofDays(21))
                        .withLinkage(Linkage.HALF)
                        .withGoals("a", "b")
                        .withTokens("t")
                        .withCounters(1, 2)
                        .withCreateTime(CreateTimeForm.ZULU)
                        .withExtraFields(true)
                        .withQuota(true)
                        .withMaxBytes(1000));
        assertThat(SimulatorSettings.of(given::get).withAgeLimit(null).ageLimit())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "port|70000|0 to 65535",
                "port|http|0 to 65535",
                "step|1s|ISO-8601",
                "step|-PT1S|not negative",
                "list-delay|soon|ISO-8601",
                "list-order|random|newest, oldest",
                "list-offset|none|honoured, ignored, refused-past-end",
                "statuses|UPLOADED,NEXT|ends in PROCESSED",
                "statuses|PROCESSED|two or more",
                "future|reject|accept, reject-row, reject-file",
                "age-limit|21|none, or an ISO-8601",
                "linkage|some|all, none, half",
                "counters|one|numbers",
                "create-time|iso|offset, compact-offset, zulu, fraction, local, space, absent",
                "extra-fields|yes|on, off",
                "quota|30|on, off",
                "max-bytes|0|above 0"
            })
    void namesTheSettingTheValueAndWhatIsAllowed(String name, String value, String allowed) {
        assertThatThrownBy(() -> SimulatorSettings.of(asked -> asked.equals("simulator." + name) ? value : null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("simulator." + name)
                .hasMessageContaining("'" + value + "'")
                .hasMessageContaining(allowed);
    }

    @Test
    void hidesTokensFromLogs() {
        assertThat(SimulatorSettings.defaults().withTokens("secret").toString()).doesNotContain("secret");
    }
}
