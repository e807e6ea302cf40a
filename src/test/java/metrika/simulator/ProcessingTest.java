package metrika.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

import static metrika.simulator.MetrikaClient.FILE;
import static metrika.simulator.MetrikaClient.HEADER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What happens to a file after it was taken. */
class ProcessingTest extends WithSimulator {

    private JsonNode uploading(long id) {
        return metrika.byId(id).json().get("uploading");
    }

    private void processAll() {
        simulator.advance(STEP.multipliedBy(3));
    }

    private static void assertQuantities(JsonNode uploading, int linked, int goalNotFound, int userNotFound) {
        assertThat(List.of(
                        uploading.get("linked_quantity").asInt(),
                        uploading.get("goal_not_found_quantity").asInt(),
                        uploading.get("user_not_found_quantity").asInt()))
                .containsExactly(linked, goalNotFound, userNotFound);
    }

    @Test
    void walksOneStatusAStep() {
        long id = metrika.upload("tag7", FILE).id();
        List<String> seen = new ArrayList<>();
        for (int step = 0; step < 5; step++) {
            seen.add(uploading(id).get("status").asText());
            simulator.advance(STEP);
        }

        assertThat(seen).containsExactly("UPLOADED", "EXPORTED", "MATCHED", "PROCESSED", "PROCESSED");
        JsonNode last = uploading(id);
        assertThat(last.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "id",
                        "create_time",
                        "source_quantity",
                        "line_quantity",
                        "comment",
                        "type",
                        "status",
                        "goal_not_found_quantity",
                        "user_not_found_quantity",
                        "linked_quantity");
        assertThat(last.get("comment").asText()).isEqualTo("tag7");
        assertThat(last.get("type").asText()).isEqualTo("BASIC");
        assertQuantities(last, 1, 0, 0);
    }

    @Test
    void doesNotMoveBeforeTheStepIsOver() {
        long id = metrika.upload(FILE).id();
        simulator.advance(STEP.minusMinutes(10));

        assertThat(uploading(id).get("status").asText()).isEqualTo("UPLOADED");
        assertQuantities(uploading(id), 0, 0, 0);
    }

    @Test
    void isDoneAtTheNextLookWithoutAStep() {
        simulator.settings(simulator.settings().withStep(Duration.ZERO));
        var answer = metrika.upload(FILE);

        assertThat(answer.json().at("/uploading/status").asText()).isEqualTo("UPLOADED");
        assertThat(uploading(answer.id()).get("status").asText()).isEqualTo("PROCESSED");
    }

    @Test
    void walksOtherStatusesWhenTold() {
        simulator.settings(simulator.settings().withStatuses("PREPARED", "SOMETHING_NEW", "PROCESSED"));
        long id = metrika.upload(FILE).id();

        assertThat(uploading(id).get("status").asText()).isEqualTo("PREPARED");
        simulator.advance(STEP);
        assertThat(uploading(id).get("status").asText()).isEqualTo("SOMETHING_NEW");
    }

    @Test
    void linksNobodyOrHalf() {
        String four = HEADER + "1,,,,a,1,,\n2,,,,a,2,,\n3,,,,a,3,,\n4,,,,a,4,,\n";
        long none = metrika.upload(four).id();
        simulator.settings(simulator.settings().withLinkage(Linkage.NONE));
        processAll();
        assertThat(uploading(none).get("status").asText()).isEqualTo("LINKAGE_FAILURE");
        assertQuantities(uploading(none), 0, 0, 4);

        long half = metrika.upload(four).id();
        simulator.settings(simulator.settings().withLinkage(Linkage.HALF));
        processAll();
        assertThat(uploading(half).get("status").asText()).isEqualTo("PROCESSED");
        assertQuantities(uploading(half), 2, 0, 2);
    }

    @Test
    void countsRowsOfUnknownGoals() {
        simulator.settings(simulator.settings().withGoals("known"));
        long id = metrika.upload(HEADER + "1,,,,known,1,,\n2,,,,other,2,,\n3,,,,other,3,,\n")
                .id();
        processAll();

        assertQuantities(uploading(id), 1, 2, 0);
    }

    @Test
    void doesNotLinkWhatIsTooOldWhenItIsProcessed() {
        simulator.settings(simulator.settings().withAgeLimit(Duration.ofDays(21)));
        Instant now = simulator.now();
        // Young enough when it is sent, too old three steps later
        long nearly = now.minus(Duration.ofDays(21)).plusSeconds(60).getEpochSecond();
        long fresh = now.minus(Duration.ofDays(20)).getEpochSecond();
        long id = metrika.upload(HEADER + "1,,,,a," + nearly + ",,\n2,,,,a," + fresh + ",,\n")
                .id();
        processAll();

        assertQuantities(uploading(id), 1, 0, 1);
    }

    @Test
    void leavesRejectedRowsOutOfTheLinkage() {
        simulator.settings(
                simulator.settings().withFuture(FutureRows.REJECT_ROW).withGoals("a"));
        long soon = simulator.now().plusSeconds(600).getEpochSecond();
        long id = metrika.upload(HEADER + "1,,,,a,1,,\n2,,,,a," + soon + ",,\n").id();
        processAll();

        assertQuantities(uploading(id), 1, 0, 0);
        assertThat(simulator.account())
                .singleElement()
                .extracting(CounterAccount::rows)
                .isEqualTo(1L);
    }

    @Test
    void endsAsATestSays() {
        long id = metrika.upload(FILE).id();
        simulator.finish(id, "SOMETHING_NEW");
        processAll();
        assertThat(uploading(id).get("status").asText()).isEqualTo("SOMETHING_NEW");

        simulator.finish(id, "LINKAGE_FAILURE");
        assertThat(uploading(id).get("status").asText()).isEqualTo("LINKAGE_FAILURE");
        assertQuantities(uploading(id), 0, 0, 1);
        assertThatThrownBy(() -> simulator.finish(1, "PROCESSED")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void listsNewestFirstInPages() {
        List<Long> ids = new ArrayList<>();
        for (int upload = 0; upload < 3; upload++) {
            ids.add(0, metrika.upload(FILE).id());
        }

        assertThat(listed("?limit=10000&offset=0")).isEqualTo(ids);
        assertThat(listed("?limit=1&offset=1")).containsExactly(ids.get(1));
        simulator.settings(simulator.settings().withListOrder(ListOrder.OLDEST));
        assertThat(listed("?limit=1")).containsExactly(ids.get(2));
        assertThat(metrika.list("?limit=0").errorType()).isEqualTo("invalid_parameter");
        assertThat(metrika.list("?limit=10001").errorType()).isEqualTo("invalid_parameter");
        assertThat(metrika.list("?offset=-1").errorType()).isEqualTo("invalid_parameter");
    }

    @Test
    void hidesANewUploadFromTheListForAWhile() {
        simulator.settings(simulator.settings().withListDelay(Duration.ofMinutes(5)));
        long id = metrika.upload(FILE).id();

        assertThat(listed("")).isEmpty();
        assertThat(metrika.byId(id).status()).isEqualTo(200);
        simulator.advance(Duration.ofMinutes(5));
        assertThat(listed("")).containsExactly(id);
    }

    @Test
    void showsACounterItsOwnUploadsOnly() {
        long id = metrika.upload(FILE).id();
        String other = "/management/v1/counter/77/offline_conversions/";

        assertThat(metrika.get(other + "uploadings").json().get("uploadings")).isEmpty();
        assertThat(metrika.get(other + "uploading/" + id).errorType()).isEqualTo("not_found");
        assertThat(metrika.byId(1).status()).isEqualTo(404);
    }

    @Test
    void writesCreateTimeInTheFormThatIsSet() {
        long id = metrika.upload(FILE).id();
        for (CreateTimeForm form : CreateTimeForm.values()) {
            simulator.settings(simulator.settings().withCreateTime(form));
            JsonNode time = uploading(id).get("create_time");
            String shape =
                    switch (form) {
                        case OFFSET -> "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+03:00";
                        case COMPACT_OFFSET -> "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+0300";
                        case ZULU -> "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
                        case FRACTION -> "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z";
                        case LOCAL -> "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d";
                        case SPACE -> "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d";
                        case ABSENT -> null;
                    };
            if (shape == null) {
                assertThat(time).isNull();
            } else {
                assertThat(time.asText()).as(form.name()).matches(shape);
            }
        }
    }

    @Test
    void addsFieldsThatNobodyKnowsWhenTold() {
        long id = metrika.upload(FILE).id();
        assertThat(uploading(id).has("quality")).isFalse();
        simulator.settings(simulator.settings().withExtraFields(true));

        assertThat(uploading(id).has("quality")).isTrue();
        assertThat(metrika.upload(FILE).json().at("/uploading").has("quality")).isTrue();
    }

    @Test
    void listsGoalsWhoseIdentifierIsNotTheirName() {
        simulator.settings(simulator.settings().withGoals("order_confirmed"));
        JsonNode goals = metrika.goals().json().get("goals");

        List<String> identifiers = new ArrayList<>();
        goals.forEach(goal -> {
            if (goal.get("type").asText().equals("action")) {
                assertThat(goal.at("/conditions/0/type").asText()).isEqualTo("exact");
                identifiers.add(goal.at("/conditions/0/url").asText());
            }
        });
        assertThat(identifiers).containsExactly("order_confirmed");
        assertThat(goals.findValuesAsText("name")).doesNotContain("order_confirmed");
    }

    @Test
    void listsTheGoalsThatItSawWhenEveryTargetIsKnown() {
        metrika.upload(HEADER + "1,,,,my_goal,1,,\n");

        assertThat(metrika.goals().body()).contains("\"my_goal\"", "\"purchase\"");
    }

    private List<Long> listed(String query) {
        List<Long> ids = new ArrayList<>();
        metrika.list(query)
                .json()
                .get("uploadings")
                .forEach(one -> ids.add(one.get("id").asLong()));
        return ids;
    }
}
