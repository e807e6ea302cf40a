package metrika.conversions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.Product;

import static org.assertj.core.api.Assertions.assertThat;

/** {@code check --tests}: what lies beside a connector is held against what it does. */
class CheckTestsIT {

    private static final Path ROUTE = Path.of("routes/sources/in-folder-drop.camel.yaml");

    @TempDir
    private Path directory;

    private Path folder;

    @BeforeEach
    void copy() throws IOException {
        Product.copyProject(directory);
        folder = directory.resolve("routes/sources/in-folder-drop.test");
    }

    private String check(int exit, String... arguments) throws InterruptedException {
        var builder = new Product.Builder().in(directory).argument("check");
        for (var argument : arguments) {
            builder.argument(argument);
        }
        return builder.end(exit);
    }

    @Test
    void whatIsNotAsExpectedIsShownAndWrittenDownOnceAccepted() throws Exception {
        var expected = Files.readString(folder.resolve("orders.expected.csv"));
        Files.writeString(folder.resolve("orders.expected.csv"), expected.replace("1500.5", "1500"));
        Files.writeString(folder.resolve("other.csv"), "client_id,target,date_time\n1.1,buy,02.07.2025 12:00\n");
        assertThat(check(4, "--tests", "--junit", "results/tests.xml", ROUTE.toString()))
                .contains(
                        "FAILED in-folder-drop.test/orders.csv",
                        "orders.expected.csv, line 2",
                        "  expected: 1751360000.123456789,,,,purchase,1751360400,1500,RUB",
                        "  is:       1751360000.123456789,,,,purchase,1751360400,1500.5,RUB",
                        "FAILED in-folder-drop.test/other.csv",
                        "nothing is expected of it",
                        "0 passed, 2 failed");
        assertThat(Files.readString(directory.resolve("results/tests.xml")))
                .contains(
                        "tests=\"2\" failures=\"2\"",
                        "classname=\"in-folder-drop\" name=\"orders.csv\"",
                        "<failure message=\"orders.expected.csv, line 2\">");

        check(0, "--tests", "--accept", ROUTE.toString());
        assertThat(Files.readString(folder.resolve("orders.expected.csv"))).isEqualTo(expected);
        assertThat(folder.resolve("other.expected.csv"))
                .hasContent(
                        "ClientId,UserId,Yclid,PurchaseId,Target,DateTime,Price,Currency\n1.1,,,,buy,1751446800,,\n");
        assertThat(folder.resolve("other.expected.txt")).doesNotExist();
        assertThat(Files.readString(directory.resolve("check-tests.xml"))).contains("tests=\"2\" failures=\"0\"");
    }

    @Test
    void aSourceOfSettingsHasTestsOfItsOwn() throws Exception {
        Files.writeString(
                directory.resolve("application.properties"),
                "\ninbound.acme.type=folder-drop\ninbound.acme.columns=client_id=Who, target='buy', date_time=When\n",
                StandardOpenOption.APPEND);
        assertThat(check(0, "--tests", "in-acme"))
                .contains("in-acme has no test: put what comes in into routes/sources/in-acme.test/")
                .doesNotContain("in-folder-drop.test");
        var own = Files.createDirectories(directory.resolve("routes/sources/in-acme.test"));
        Files.writeString(own.resolve("one.csv"), "Who,When\n1.1,02.07.2025 11:00\n");
        assertThat(check(4, "--tests", "--accept", "in-acme"))
                .contains(
                        "times without an offset are taken for those of UTC (webhooks.default-time-zone)",
                        "FAILED in-acme.test/one.csv",
                        "not accepted: nothing valid comes out of it",
                        "more than 3600 s ahead of now (intake.max-future)",
                        "now is 2025-07-02T09:00:00Z in this test: clock in routes/sources/in-acme.test/test.properties",
                        "make an empty file routes/sources/in-acme.test/one.expected.txt");
        assertThat(own.resolve("one.expected.txt")).doesNotExist();
        Files.createFile(own.resolve("one.expected.txt"));
        check(0, "--tests", "--accept", "in-acme");
        assertThat(own.resolve("one.expected.txt")).content().contains("intake.max-future");
        Files.writeString(own.resolve("test.properties"), "zone=Europe/Moscow\n");
        assertThat(check(4, "--tests", "--accept", "in-acme"))
                .contains(
                        "not accepted: it is expected to be refused, and is not", "delete routes/sources/in-acme.test");
        assertThat(own.resolve("one.expected.csv")).doesNotExist();
        Files.delete(own.resolve("one.expected.txt"));
        assertThat(check(0, "--tests", "--accept", "in-acme")).doesNotContain("times without an offset");
        assertThat(check(0, "in-acme", own.resolve("one.csv").toString()))
                .contains("those of Europe/Moscow (zone in routes/sources/in-acme.test/test.properties;");
        check(0, "--tests", "--accept", "in-acme");
        assertThat(own.resolve("one.expected.csv"))
                .hasContent(
                        "ClientId,UserId,Yclid,PurchaseId,Target,DateTime,Price,Currency\n1.1,,,,buy,1751443200,,\n");
        assertThat(check(0, "--tests"))
                .contains("passed in-acme.test/one.csv", "passed in-folder-drop.test/orders.csv");
    }

    @Test
    void whatIsLeftOutOfAFileIsShownAndMayBeExpected() throws Exception {
        Files.writeString(
                directory.resolve("application.properties"),
                "\ninbound.acme.type=folder-drop\ninbound.acme.columns=client_id=Who, date_time=When,"
                        + " target=State('paid'='buy', 'open'=-)\n",
                StandardOpenOption.APPEND);
        var own = Files.createDirectories(directory.resolve("routes/sources/in-acme.test"));
        Files.writeString(own.resolve("open.csv"), "Who,When,State\n1.1,02.07.2025 08:00,open\n");
        assertThat(check(0, "in-acme", own.resolve("open.csv").toString()))
                .contains(
                        "Left out, since there is nothing to count:",
                        "line 2: columns leaves it out, by 'open' in State");
        check(0, "--tests", "--accept", "in-acme");
        assertThat(own.resolve("open.expected.txt")).exists();
    }
}
