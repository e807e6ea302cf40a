package metrika.conversions;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.DefaultRegistry;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

import metrika.conversions.check.AnswerCheck;
import metrika.conversions.check.ConnectorTestCase;
import metrika.conversions.check.ConnectorTrial;
import metrika.conversions.check.FilesBelow;
import metrika.conversions.check.Finding;
import metrika.conversions.check.JunitReport;
import metrika.conversions.check.RequestHeaderCheck;
import metrika.conversions.check.RouteCheck;
import metrika.conversions.check.SourceKeys;
import metrika.conversions.check.SqlCheck;
import metrika.conversions.check.StepCheck;
import metrika.conversions.check.TrialClock;
import metrika.conversions.check.TrialReport;
import metrika.conversions.check.TrialResult;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;
import metrika.conversions.sources.TemplatedSources;
import metrika.conversions.text.Counted;

/**
 * {@code check [ROUTE-FILE [SAMPLE]]}: without a file checks all of {@code routes/}, with one that file, with a sample
 * runs the connector on it too. The name of a source that is lines of settings, such as {@code in-acme}, stands for its
 * template. {@code check --tests [ROUTE-FILE]} runs the tests that lie beside connectors. It needs no port, and of
 * databases only one of its own that is empty, and stores nothing.
 *
 * <p>Exit codes: 0 all is well, 1 it could not be run, 2 wrong arguments, 3 a route file has faults, 4 the sample has
 * rows that are refused, or the connector failed on it, or a test failed.
 */
final class CheckCommand {

    static final int FAULTS = 3;
    static final int REFUSED = 4;
    /** What the product itself provides to placeholders. */
    private static final Set<String> PROVIDED = Set.of("metrika.url", "spool.directory");

    private static final String ZONE = "webhooks.default-time-zone";

    private final Settings settings;
    private final PrintStream out;
    private final TrialClock clock = new TrialClock();

    CheckCommand(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
    }

    /**
     * @return the exit code
     * @throws SettingException when a file is missing
     */
    int run(CheckArguments arguments) throws Exception {
        RouteFiles.checkFolder();
        try (var beans = beans()) {
            return run(arguments, beans);
        }
    }

    /** Runs one test of a connector. Gives what is not as expected, line by line. */
    List<String> differences(ConnectorTestCase test) throws Exception {
        try (var beans = beans()) {
            clock.set(test.clock());
            return test.differences(
                    tryOut(test.route(), test.source(), test.sample(), test.zone(), test.settings(), beans));
        }
    }

    private TrialBeans beans() throws Exception {
        return new TrialBeans(settings, clock, new DefaultRegistry());
    }

    private int run(CheckArguments arguments, TrialBeans beans) throws Exception {
        var kinds = TemplatedSources.kinds(settings);
        var name = arguments.route() == null ? "" : arguments.route();
        var isOfSettings = name.startsWith("in-") && kinds.containsKey(name.replaceFirst("^in-", ""));
        var route = name.isEmpty()
                ? null
                : isOfSettings ? template(kinds.get(name.replaceFirst("^in-", ""))) : existing(name);
        var source = isOfSettings || route == null ? name : "in-" + ConnectorTestCase.sourceOf(route);
        var ofSettings = new SettingsCheck(settings, beans.databaseFaults());
        var findings = findings(route, source, beans, ofSettings);
        findings.forEach(out::println);
        if (!findings.isEmpty()) {
            out.println(Counted.of(findings.size(), "fault"));
            return FAULTS;
        }
        out.println((route == null ? "routes/" : route) + ": no faults");
        var files = route == null ? FilesBelow.of(Path.of("routes"), RouteCheck.ROUTE) : List.of(route);
        new SourceKeys(Path.of("routes")).of(files).forEach(warning -> out.println("warning: " + warning));
        AnswerCheck.of(files).forEach(warning -> out.println("warning: " + warning));
        RequestHeaderCheck.of(files, settings::find).forEach(warning -> out.println("warning: " + warning));
        ofSettings.warnings(source, files).forEach(warning -> out.println("warning: " + warning));
        if (arguments.isTests()) {
            return test(arguments, tested(route, isOfSettings ? source.substring(3) : null, kinds), beans);
        }
        if (arguments.sample() == null) {
            return 0;
        }
        return tryOut(route, source.substring(3), arguments.sample(), beans);
    }

    private int tryOut(Path route, String source, String sample, TrialBeans beans) {
        var zone = ConnectorTestCase.zone(route, source, null);
        var tried = zone == null ? zone() : zone;
        var properties = ConnectorTestCase.folder(route, source) + "/test.properties";
        var saidBy = zone == null ? ZONE : "zone in " + properties;
        var given = ConnectorTestCase.clock(route, source, null);
        clock.set(given);
        var result =
                tryOut(route, source, existing(sample), tried, ConnectorTestCase.verification(route, source), beans);
        var now = "%s (%s)"
                .formatted(
                        clock.instant().truncatedTo(ChronoUnit.SECONDS),
                        given == null
                                ? "this machine's clock; clock in %s sets another".formatted(properties)
                                : "clock in " + properties);
        return new TrialReport(out).tell(result, tried, saidBy, properties, now) ? 0 : REFUSED;
    }

    /** Of samples and tests alike, unless {@code test.properties} names another. */
    private ZoneId zone() {
        return settings.timeZone(ZONE);
    }

    /**
     * @param route the one to be checked, {@code null} for all and the settings
     * @param source the route's id, of a source; empty for all
     */
    private List<Finding> findings(Path route, String source, TrialBeans beans, SettingsCheck ofSettings) {
        var registry = beans.registry();
        var folder = Path.of("routes");
        var check = new RouteCheck(folder, known(settings), named(settings, registry))
                .suggesting(registry.findByTypeWithName(Object.class).keySet());
        var findings = new ArrayList<>(route == null ? check.all() : check.one(route));
        if (findings.isEmpty()) {
            var all = new ArrayList<>(FilesBelow.of(folder, ".yaml"));
            if (route != null && all.stream().noneMatch(file -> RouteCheck.isSame(file, route))) {
                all.add(route);
            }
            findings.addAll(new StepCheck(registry, settings::find)
                    .of(
                            all,
                            route == null
                                    ? all
                                    : all.stream()
                                            .filter(file -> RouteCheck.isSame(file, route))
                                            .toList()));
        }
        if (findings.isEmpty()) {
            var statements = route == null ? FilesBelow.of(folder, ".sql") : SqlCheck.namedBy(folder, List.of(route));
            try {
                findings.addAll(new SqlCheck(beans.database()).of(SqlCheck.changed(folder.resolve("sql"), statements)));
            } catch (SettingException e) {
                out.println(
                        "warning: the statements that differ from the shipped ones are not tried: " + e.getMessage());
            }
        }
        findings.addAll(ofSettings.findings(route, source));
        return findings;
    }

    /** Whether a placeholder's name is known. */
    static Predicate<String> known(Settings settings) {
        return name -> PROVIDED.contains(name) || settings.isKnown(name);
    }

    /** Whether there is a bean of a name, be it one of the settings' own. */
    static Predicate<String> named(Settings settings, Registry registry) {
        return name -> registry.lookupByName(name) != null
                || !settings.names("camel.beans." + name).isEmpty();
    }

    /** The file of a route template. */
    private static Path template(String kind) {
        var file = "in-" + kind + RouteCheck.ROUTE;
        return FilesBelow.of(Path.of("routes"), file).stream()
                .filter(found -> found.endsWith(file))
                .findFirst()
                .orElseThrow(() -> new SettingException("There is no route template %s in routes/".formatted(file)));
    }

    private static Path existing(String name) {
        var path = Path.of(name);
        if (!Files.isRegularFile(path)) {
            throw new SettingException(
                    "There is no file %s: check [ROUTE-FILE [SAMPLE]] is expected".formatted(path.toAbsolutePath()));
        }
        return path;
    }

    /**
     * The routes whose tests are run, by the names of their sources.
     *
     * @param route one, or {@code null} for all, with the sources that are lines of settings
     * @param source of settings, whose template {@code route} is; or {@code null}
     */
    private static Map<String, Path> tested(Path route, String source, Map<String, String> kinds) {
        var tested = new TreeMap<String, Path>();
        if (source != null) {
            tested.put(source, route);
        } else if (route != null) {
            tested.put(ConnectorTestCase.sourceOf(route), route);
        } else {
            FilesBelow.of(Path.of("routes"), RouteCheck.ROUTE).stream()
                    .filter(file ->
                            file.getFileName().toString().startsWith("in-") || ConnectorTestCase.isChannel(file))
                    .forEach(file -> tested.put(ConnectorTestCase.sourceOf(file), file));
            kinds.forEach((name, kind) -> tested.putIfAbsent(name, template(kind)));
        }
        return tested;
    }

    private int test(CheckArguments arguments, Map<String, Path> routes, TrialBeans beans) throws IOException {
        var tests = routes.entrySet().stream()
                .map(each -> ConnectorTestCase.of(each.getValue(), each.getKey(), zone()))
                .flatMap(List::stream)
                .toList();
        var results = new JunitReport();
        var done = arguments.isAccepting() ? "written" : "passed";
        if (tests.stream().anyMatch(test -> ConnectorTestCase.zone(test.route(), test.source(), null) == null)) {
            out.printf(
                    "times without an offset are taken for those of %s (%s), where test.properties names no zone%n",
                    zone(), ZONE);
        }
        for (var test : tests) {
            clock.set(test.clock());
            var start = System.nanoTime();
            var result = tryOut(test.route(), test.source(), test.sample(), test.zone(), test.settings(), beans);
            var refusals = arguments.isAccepting() ? test.accept(result) : List.<String>of();
            var differences = refusals.isEmpty() ? test.differences(result) : refusals;
            results.add(test, Duration.ofNanos(System.nanoTime() - start), differences);
            out.printf("%s %s%n", differences.isEmpty() ? done : "FAILED", test.name());
            differences.forEach(line -> out.println("  " + line));
        }
        routes.forEach((source, route) -> {
            if (tests.stream().noneMatch(test -> test.source().equals(source))) {
                out.printf(
                        "%s has no test: put what comes in into %s/, and run check --tests --accept%n",
                        ConnectorTestCase.isChannel(route) ? source : "in-" + source,
                        ConnectorTestCase.folder(route, source));
            }
        });
        results.write(Path.of(arguments.report()));
        out.printf("%d %s, %d failed%n", results.size() - results.failed(), done, results.failed());
        return results.failed() == 0 ? 0 : REFUSED;
    }

    private TrialResult tryOut(
            Path route, String source, Path sample, ZoneId zone, Map<String, String> overrides, TrialBeans beans) {
        var webhook = TrialBeans.webhook(zone);
        var store = beans.dryRun(webhook);
        beans.storeIn(store, webhook, store.unmet());
        // What goes wrong is told below, without stack traces; log steps are asked whether they would say anything.
        var silent = new TurboFilter() {
            @Override
            public FilterReply decide(
                    Marker marker, Logger logger, Level level, String format, Object[] values, Throwable cause) {
                return format == null && level.isGreaterOrEqual(Level.INFO) ? FilterReply.ACCEPT : FilterReply.DENY;
            }
        };
        var log = (LoggerContext) LoggerFactory.getILoggerFactory();
        log.addTurboFilter(silent);
        try {
            return new ConnectorTrial(settings, beans.registry(), store)
                    .of(route, source, sample, beans.spool(), overrides);
        } finally {
            log.getTurboFilterList().remove(silent);
        }
    }
}
