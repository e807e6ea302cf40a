package metrika.conversions.channels;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.problem.Json;

import static org.assertj.core.api.Assertions.assertThat;

/** What people are told, in both languages. */
class NewsTextTest {

    private static final ZoneId MOSCOW = ZoneId.of("Europe/Moscow");

    private static JsonNode data(String json) {
        try {
            return Json.MAPPER.readTree(json);
        } catch (java.io.IOException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private static ResourceBundle words(String language) {
        return ResourceBundle.getBundle(
                "metrika.conversions.channels.news",
                Locale.forLanguageTag(language),
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
    }

    @Test
    void bothLanguagesHaveTheSameWordsAndNoneIsEmpty() {
        assertThat(new TreeSet<>(words("ru").keySet()))
                .isEqualTo(new TreeSet<>(words("en").keySet()));
        for (var language : NewsText.LANGUAGES) {
            var bundle = words(language);
            bundle.keySet()
                    .forEach(key -> assertThat(bundle.getString(key)).as(key).isNotBlank());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "token_lost",
                "counter_gone",
                "batches_in_error",
                "upload_stuck",
                "link_rate_fallen",
                "source_away",
                "source_silent",
                "quota_gone",
                "deadline_near",
                "database_trouble",
                "disk_trouble"
            })
    void eachKindHasWordsForEachPhaseAndForWhatToDo(String kind) {
        for (var language : NewsText.LANGUAGES) {
            var bundle = words(language);
            for (var phase : new String[] {"opened", "still_open", "closed"}) {
                var text = new NewsText(language)
                        .of(
                                "incident." + phase,
                                data("{\"incident_id\": \"i\", \"kind\": \"%s\", \"since\": \"2025-07-01T09:00:00Z\"}"
                                        .formatted(kind)),
                                ZoneOffset.UTC);
                assertThat(text.title()).isEqualTo(bundle.getString(kind + "." + phase));
                assertThat(text.whole()).contains("09:00 (UTC)");
                assertThat(text.whole().contains(bundle.getString(kind + ".advice")))
                        .as("what is over needs nothing done")
                        .isEqualTo(!phase.equals("closed"));
            }
        }
    }

    @Test
    void aClosedIncidentSaysHowLongItLastedAndTimesAreTheWebhooksOwn() {
        var text = new NewsText("ru").of("incident.closed", data("""
                                {"incident_id": "i", "kind": "token_lost", "since": "2025-07-01T09:00:00Z",
                                 "until": "2025-07-02T11:05:59.5+00:00", "webhook_name": "Магазин", "conversions": 12}\
                                """), MOSCOW).whole();
        assertThat(text)
                .startsWith("Метрика снова принимает токен: Магазин\n\n")
                .contains(
                        "Затронуто конверсий: 12",
                        "С: 01.07.2025 12:00 (Europe/Moscow)",
                        "До: 02.07.2025 14:05 (Europe/Moscow)",
                        "Длилось: 1 дн. 2 ч 5 мин");
    }

    @Test
    void figuresAreWrittenAsPeopleReadThem() {
        assertThat(new NewsText("en")
                        .of(
                                "incident.opened",
                                data("{\"kind\": \"link_rate_fallen\", \"rate\": 0.125, \"usual_rate\": 0.8}"),
                                MOSCOW)
                        .whole())
                .contains("Linked: 12.5 % (usually 80.0 %)");
        assertThat(new NewsText("ru")
                        .of("incident.opened", data("{\"kind\": \"disk_trouble\", \"free_bytes\": 1610612736}"), MOSCOW)
                        .whole())
                .contains("Свободно: 1,5 GiB");
    }

    @Test
    void aKindThatThereAreNoWordsForIsToldAllTheSame() {
        var text =
                new NewsText("en").of("incident.opened", data("{\"kind\": \"new_one\", \"subject\": \"x\"}"), MOSCOW);
        assertThat(text.title()).isEqualTo("Something needs your attention");
        assertThat(text.whole()).contains("What: new_one", "About: x");
    }

    @Test
    void theEndOfABatchIsToldWithItsErrors() {
        assertThat(new NewsText("en").of("batch.error", data("""
                                        {"batch_id": "b", "status": "error", "total": 2, "linked": null,
                                         "errors": [{"code": "rejected", "message": "no\\nfile"}]}\
                                        """), MOSCOW).whole())
                .startsWith("A batch ended in error\n\nConversions: 2\nError: rejected: no file\nId: b")
                .doesNotContain("Linked");
    }

    /** The title is the subject of a mail, whose head ends with a line break. */
    @Test
    void aNameCannotAddALine() {
        var text = new NewsText("en")
                .of(
                        "incident.opened",
                        data("{\"kind\": \"token_lost\", \"webhook_name\": \"a\\r\\nBcc: b\\u2028c\"}"),
                        MOSCOW);
        assertThat(text.title()).isEqualTo("Metrika refuses the token: a Bcc: b c");
    }
}
