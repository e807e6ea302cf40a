package metrika.conversions;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

import metrika.conversions.pull.PullingPage;
import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The sources of docs/pulling.md whose servers are not to be had here, tried as they stand there. By itself, since
 * their settings are those of the process.
 */
@Isolated
class PullingExamplesTest {

    @TempDir
    private Path folder;

    private final List<String> set = new ArrayList<>();

    @AfterEach
    void takeBack() {
        set.forEach(System::clearProperty);
    }

    private String tried(String id, String kamelet, String sample) throws Exception {
        var route = Files.writeString(folder.resolve(id + ".camel.yaml"), PullingPage.route(id, kamelet));
        var settings = new StringBuilder(Files.readString(Path.of("application.properties")));
        for (var setting : List.of(
                "enabled",
                "webhook",
                "url",
                "key",
                "username",
                "password",
                "client-id",
                "client-secret",
                "from",
                "schedule")) {
            var full = "inbound.%s.%s".formatted(id.substring("in-".length()), setting);
            var value = setting.equals("enabled") ? "true" : "http://market.example";
            settings.append("\n%s=%s".formatted(full, value));
            set.add(full);
            System.setProperty(full, value); // what is tried has the settings of this folder
        }
        settings.append("\ndata-source.receipts.url=jdbc:postgresql://tills.example/tills");
        settings.append("\ndata-source.billing.url=jdbc:postgresql://billing.example/billing");
        Files.writeString(folder.resolve("application.properties"), settings);
        Files.copy(Path.of("application-dev.properties"), folder.resolve("application-dev.properties"));
        var out = new ByteArrayOutputStream();
        new CheckCommand(Settings.in(folder), new PrintStream(out, true, StandardCharsets.UTF_8))
                .run(CheckArguments.of(List.of(
                        route.toString(),
                        Files.writeString(folder.resolve("rows.json"), sample).toString())));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void anApiThatNumbersItsPages() throws Exception {
        assertThat(tried("in-market", "rest-pull", """
                {"orders": [
                  {"number": "1001A", "changed": "2025-07-01 12:00:00", "status": "complete", "sum": 1500.5, "currency": "RUB",
                   "custom": {"ya_client_id": "1764399000123456789"}},
                  {"number": "1002A", "changed": "2025-07-01 12:00:00", "status": "cancelled", "sum": 1, "currency": "RUB",
                   "custom": []}]}
                """))
                .contains("no faults", "1764399000123456789,,,1001A,paid,1751", ",1500.5")
                .doesNotContain("1002A,paid");
    }

    @Test
    void anApiThatIsAskedByOffset() throws Exception {
        assertThat(tried("in-outlet", "rest-pull", """
                {"result": {"orders": [
                  {"id": 1, "number": "A-1", "updatedAt": "2025-07-01T12:00:00+03:00", "state": "PAID", "total": "1500.50",
                   "extraFields": [{"id": "note", "value": "x"}, {"id": "ym_uid", "value": "1764399000123456789"}]},
                  {"id": 2, "number": "A-2", "updatedAt": "2025-07-01T12:00:00+03:00", "state": "PAID", "total": 20,
                   "paidAt": "2025-07-01T11:00:00+03:00", "extraFields": [], "referrerCookies": "a=1; _ym_uid=1764399000987654321"},
                  {"id": 3, "number": "A-3", "updatedAt": "2025-07-01T12:00:00+03:00", "state": "NEW", "total": 20,
                   "referrerCookies": "_ym_uid=1764399000987654321"},
                  {"id": 4, "number": "A-4", "updatedAt": "2025-07-01T12:00:00+03:00", "state": "PAID", "total": 0,
                   "referrerCookies": "_ym_uid=1764399000987654321"}]}}
                """))
                .contains(
                        "no faults",
                        "1764399000123456789,,,A-1,purchase,1751360400,1500.50,RUB",
                        "1764399000987654321,,,A-2,purchase,1751356800,20,RUB")
                .doesNotContain(",A-3,", ",A-4,");
    }

    @Test
    void aDatabaseOfTills() throws Exception {
        assertThat(tried("in-receipts", "sql-pull", """
                [{"id": "18446744073709551615", "kind": "sale", "ym_client_id": "1.1", "closed_at": "2025-07-01 12:00:00 +05:00",
                  "total": 1500.50, "changed": 1751353200.25},
                 {"id": "2", "kind": "return", "ym_client_id": "1.1", "closed_at": "2025-07-01 12:00:00 +05:00", "total": 1,
                  "changed": 1751353200.5}]
                """))
                .contains("no faults", "1.1,,,18446744073709551615,offline_sale,1751353200,1500.5");
    }

    @Test
    void anApiWithTokensThatNamesItsPages() throws Exception {
        assertThat(tried("in-calls", "rest-pull", """
                {"items": [
                  {"call_id": "c-1", "updated_at": "2025-11-29T12:00:00.123Z", "outcome": "SALE", "ended_at": "2025-07-01T11:58:00Z",
                   "amount": {"minor": 150050, "currency": "RUB"},
                   "attributes": [{"name": "campaign", "value": "x"}, {"name": "ymclid", "value": "1764399000123456789"}]},
                  {"call_id": "c-2", "updated_at": "2025-11-29T12:00:00.123Z", "outcome": "LOST", "ended_at": "2025-07-01T11:58:00Z",
                   "amount": {"minor": 1, "currency": "RUB"}},
                  {"call_id": "c-3", "updated_at": "2025-11-29T12:00:00.123Z", "outcome": "SALE", "ended_at": "2025-07-01T11:58:00Z",
                   "amount": {"minor": 1, "currency": "RUB"}}], "next_cursor": null}
                """))
                .contains("no faults", "1 conversion", "1764399000123456789,,,,phone_sale,1751371080,1500.50,RUB");
    }

    @Test
    void aDatabaseForReadingOnly() throws Exception {
        assertThat(tried("in-billing", "sql-pull", """
                [{"id": "5d1f4f0e-8f0a-4b57-9d0c-000000000001", "client_id": "1751360000.123456789", "yclid": null,
                  "paid_at": "2025-07-01T15:14:56+03:00", "amount": 1990.50, "currency": "RUB", "changed": "2025-07-01 12:15:00.123456+00"},
                 {"id": "5d1f4f0e-8f0a-4b57-9d0c-000000000002", "client_id": null, "yclid": "12345678901234567890",
                  "paid_at": "2025-07-01T15:15:56+03:00", "amount": 20, "currency": "USD", "changed": "2025-07-01 12:16:00+00"}]
                """))
                .contains(
                        "no faults",
                        "1751360000.123456789,,,5d1f4f0e-8f0a-4b57-9d0c-000000000001,payment,1751372096,1990.5,RUB",
                        ",,12345678901234567890,5d1f4f0e-8f0a-4b57-9d0c-000000000002,payment,1751372156,20,USD");
    }
}
