package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import metrika.conversions.settings.SettingException;

/**
 * A test of a connector: a sample in the folder {@code in-x.test} beside {@code in-x.camel.yaml}, and what is expected
 * of it, besides the {@linkplain RecordedAnswers answers} of the servers that the route asks:
 * {@code <sample>.expected.csv}, the file that Metrika would get, and {@code <sample>.expected.txt}, the rows that are
 * refused, what a channel would tell, and what the connector fails with. A file {@code test.properties} in the folder
 * may set the time ({@code clock}), the webhook's time zone ({@code zone}), and settings that the route names. Without
 * a zone, it is the one that the installation gives new webhooks.
 *
 * @param route the connector
 * @param source its name: another than the route's where that is a template
 * @param sample what comes in
 * @param clock the time at which it comes
 * @param zone the time zone of the webhook
 * @param settings what the route's placeholders are replaced by, where it is not what the installation sets
 */
public record ConnectorTestCase(
        Path route, String source, Path sample, Instant clock, ZoneId zone, Map<String, String> settings) {

    /** What the name of a folder of tests ends in. */
    public static final String FOLDER = ".test";

    private static final String CSV = ".expected.csv";
    private static final String TEXT = ".expected.txt";
    private static final String PROPERTIES = "test.properties";
    /** Whether signatures are checked. */
    static final String VERIFY = "verify";

    private static final Instant CLOCK = Instant.parse("2025-07-02T09:00:00Z");
    private static final Pattern FAULT_OF_PROGRAM = Pattern.compile("\\bjava\\.lang\\.\\w+Exception\\b");
    /** What the rules say of a time that is later than the clock. */
    static final String FUTURE = "(intake.max-future)";

    /**
     * The tests of a connector; none when there is no folder beside it.
     *
     * @param zone where {@code test.properties} names none
     * @throws SettingException when a file is there that has no place there
     */
    public static List<ConnectorTestCase> of(Path route, ZoneId zone) {
        return of(route, sourceOf(route), zone);
    }

    /**
     * The tests of a source that is lines of settings, or of a route; none when there is no folder of that name beside
     * the route.
     *
     * @param route of the source, or of its template
     */
    public static List<ConnectorTestCase> of(Path route, String source, ZoneId defaultZone) {
        var folder = folder(route, source);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        var settings = SampleProperties.of(folder.resolve(PROPERTIES));
        var clock = parsedClock(folder, settings.remove("clock"), CLOCK);
        var zone = parsedZone(folder, settings.remove("zone"), defaultZone);
        var tests = new ArrayList<ConnectorTestCase>();
        try (var files = Files.list(folder)) {
            var all = files.filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
            all.stream()
                    .filter(file -> !isBeside(file) && !file.endsWith(PROPERTIES))
                    .forEach(sample -> tests.add(new ConnectorTestCase(route, source, sample, clock, zone, settings)));
            var named = tests.stream()
                    .flatMap(test -> Stream.of(test.csv(), test.text(), SampleExchange.headers(test.sample())))
                    .collect(Collectors.toSet());
            if (named.size() < 3 * tests.size()) {
                throw new SettingException(
                        "%s: two samples have the same name but for its ending: give each one of its own"
                                .formatted(folder));
            }
            all.stream()
                    .filter(file -> isBeside(file)
                            && !named.contains(file)
                            && tests.stream().noneMatch(test -> RecordedAnswers.isOf(file, test.stem())))
                    .findFirst()
                    .ifPresent(file -> {
                        throw new SettingException("%s: there is no sample of that name beside it".formatted(file));
                    });
        } catch (IOException e) {
            throw new SettingException("%s cannot be read: %s".formatted(folder, e.getMessage()));
        }
        return tests;
    }

    /** The time zone of the tests of a source; another, where {@code test.properties} names none. */
    public static ZoneId zone(Path route, String source, ZoneId other) {
        var folder = folder(route, source);
        return parsedZone(
                folder, SampleProperties.of(folder.resolve(PROPERTIES)).get("zone"), other);
    }

    /**
     * Whether the tests of a source check signatures, as it is given to a trial: its settings are the installation's.
     */
    public static Map<String, String> verification(Path route, String source) {
        var verify =
                SampleProperties.of(folder(route, source).resolve(PROPERTIES)).get(VERIFY);
        return verify == null ? Map.of() : Map.of(VERIFY, verify);
    }

    /** The time at which the tests of a source run; another, where {@code test.properties} names none. */
    public static Instant clock(Path route, String source, Instant other) {
        var folder = folder(route, source);
        return parsedClock(
                folder, SampleProperties.of(folder.resolve(PROPERTIES)).get("clock"), other);
    }

    private static Instant parsedClock(Path folder, String given, Instant other) {
        return parsed(folder, given, other, Instant::parse, "a time in UTC such as 2025-07-02T09:00:00Z");
    }

    private static ZoneId parsedZone(Path folder, String given, ZoneId other) {
        return parsed(folder, given, other, ZoneId::of, "an IANA name such as Europe/Moscow");
    }

    /** The name of a source: its route's without {@code in-}. */
    public static String sourceOf(Path route) {
        return route.getFileName().toString().replace(RouteCheck.ROUTE, "").replaceFirst("^in-", "");
    }

    /** Whether a route tells somebody something, by its name. */
    public static boolean isChannel(Path route) {
        return route.getFileName().toString().startsWith("out-");
    }

    /** Where the tests of a source lie. */
    public static Path folder(Path route, String source) {
        return route.resolveSibling((isChannel(route) ? source : "in-" + source) + FOLDER);
    }

    /** What it is called in reports: {@code in-x.test/sample.http}. */
    public String name() {
        return sample.getParent().getFileName() + "/" + sample.getFileName();
    }

    /** What is not as expected, line by line; nothing when all is. */
    public List<String> differences(TrialResult result) {
        if (!Files.exists(csv()) && !Files.exists(text())) {
            return List.of(
                    ("nothing is expected of it: look at what comes out with check %s %s, then write it down with"
                                    + " check --tests --accept")
                            .formatted(source.equals(sourceOf(route)) ? route : "in-" + source, sample));
        }
        var differences = new ArrayList<String>();
        compare(csv(), result.csvLines(), differences);
        compare(text(), result.refusalLines(), differences);
        result.trace().unused().forEach(answer -> differences.add(answer + " is never asked for"));
        if (!differences.isEmpty()) {
            differences.addAll(clockOf(result));
            if (result.failure() != null && result.trace().lastStep() != null) {
                differences.add("it failed at " + result.trace().lastStep());
            }
        }
        return differences;
    }

    /** Tells by which clock a time is in the future, if one is. */
    private List<String> clockOf(TrialResult result) {
        return result.refusalLines().stream().anyMatch(line -> line.contains(FUTURE))
                ? List.of("now is %s in this test: clock in %s sets it"
                        .formatted(clock, sample.resolveSibling(PROPERTIES)))
                : List.of();
    }

    /**
     * Writes down what came out as what is expected. Where nothing valid did, that is no expectation, unless the sample
     * is left out on purpose, or somebody has said so by a file of refusals. What should be refused is not taken
     * because nothing refuses it.
     *
     * @return why it is not written down; nothing when it is
     */
    public List<String> accept(TrialResult result) throws IOException {
        if (result.failure() != null
                && FAULT_OF_PROGRAM.matcher(result.failure()).find()) {
            return List.of("not accepted: nobody expects a fault of a program", result.failure());
        }
        if (result.csvLines().isEmpty() && !result.isLeftOutOnPurpose() && !Files.exists(text())) {
            var why = new ArrayList<>(List.of("not accepted: nothing valid comes out of it"));
            why.addAll(result.refusalLines());
            why.addAll(clockOf(result));
            if (result.failure() != null && result.trace().lastStep() != null) {
                why.add("it failed at " + result.trace().lastStep());
            }
            why.add("if that is what you expect, make an empty file %s, and accept it again".formatted(text()));
            return why;
        }
        if (Files.exists(text())
                && !Files.exists(csv())
                && result.refusalLines().isEmpty()) {
            return List.of(
                    "not accepted: it is expected to be refused, and is not",
                    "if it should be taken from now on, delete %s, and accept it again".formatted(text()));
        }
        write(csv(), result.csvLines());
        write(text(), result.refusalLines());
        return List.of();
    }

    private static void write(Path file, List<String> lines) throws IOException {
        if (lines.isEmpty()) {
            Files.deleteIfExists(file);
        } else {
            Files.writeString(file, String.join("\n", lines) + "\n");
        }
    }

    private static void compare(Path file, List<String> got, List<String> differences) {
        var expected = lines(file);
        for (int i = 0; i < Math.max(expected.size(), got.size()); i++) {
            var wanted = i < expected.size() ? expected.get(i) : null;
            var line = i < got.size() ? got.get(i) : null;
            if (wanted == null || !wanted.equals(line)) {
                differences.add("%s, line %d".formatted(file.getFileName(), i + 1));
                differences.add("  expected: " + (wanted == null ? "(nothing)" : wanted));
                differences.add("  is:       " + (line == null ? "(nothing)" : line));
                return; // what follows is often only shifted
            }
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new SettingException("%s cannot be read as UTF-8: %s".formatted(file, e.getMessage()));
        }
    }

    private Path csv() {
        return sample.resolveSibling(stem() + CSV);
    }

    private Path text() {
        return sample.resolveSibling(stem() + TEXT);
    }

    private String stem() {
        return sample.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    }

    /** Whether a file belongs to a sample: what is expected of it, its headers, or what other servers answer. */
    private static boolean isBeside(Path file) {
        return RecordedAnswers.isOne(file)
                || Stream.of(CSV, TEXT, SampleExchange.HEADERS).anyMatch(file.toString()::endsWith);
    }

    /** Reads a text. */
    private interface Parser<T> {
        T parse(String text);
    }

    private static <T> T parsed(Path folder, String value, T absent, Parser<T> parser, String expected) {
        try {
            return value == null ? absent : parser.parse(value);
        } catch (DateTimeException e) {
            throw new SettingException(
                    "%s: '%s' is no time: %s is expected".formatted(folder.resolve(PROPERTIES), value, expected));
        }
    }
}
