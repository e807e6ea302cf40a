package metrika.conversions;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import org.apache.camel.CamelContext;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.PluginHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.check.SqlCheck;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;
import metrika.conversions.sources.LeftOutSources;
import metrika.conversions.sources.TemplatedSources;

/**
 * Loads and starts each source by itself, once the product runs: one that cannot run is left out, with a line in the
 * log, and everything else runs.
 */
final class SourceRoutes {

    private static final Logger LOG = LoggerFactory.getLogger(SourceRoutes.class);
    private static final Path FOLDER = Path.of("routes");
    static final long RETRY_SECONDS = 30;

    private interface Step {

        void go() throws Exception;
    }

    private final CamelContext context;
    private final Settings settings;
    private final Beans beans;
    private final LeftOutSources leftOut;
    private final SourceFaults told;
    /** The files of each source: of one that is lines of settings that of its template. */
    private final Map<String, List<Path>> files = new TreeMap<>();
    /** What is wrong with the settings of sources. */
    private final Map<String, String> faults = new TreeMap<>();
    /** What loading each source has added. */
    private final Map<String, RouteChanges> loaded = new TreeMap<>();
    /** Those that are loaded well and were refused their start, most often since their server is away. */
    private final Set<String> refused = new TreeSet<>();
    /** The one that is tried again at the moment; {@code null} when none is. */
    private String retried;
    /** The routes that are loaded and yet to be started. */
    private final Map<String, Set<String>> waiting = new TreeMap<>();

    /** @param context with the routes of the product, started */
    SourceRoutes(CamelContext context, Settings settings, Beans beans) {
        this.context = context;
        this.settings = settings;
        this.beans = beans;
        leftOut = beans.leftOut();
        files.putAll(new SourceFiles(FOLDER).sources());
        told = new SourceFaults(context, settings, leftOut, files);
        SourceSettings.faults(settings)
                .forEach((name, found) -> faults.put(SourceFiles.id(name), String.join("; ", found)));
        SourceFiles.doubles(files, settings).forEach(faults::putIfAbsent);
    }

    /** Starts all that can run. */
    synchronized SourceRoutes start() {
        databases();
        faults.forEach(this::leaveOut);
        List.copyOf(files.keySet()).forEach(this::load);
        kinds(kind -> true);
        startLoaded();
        context.getExecutorServiceManager()
                .newSingleThreadScheduledExecutor(this, "left-out-sources")
                .scheduleWithFixedDelay(this::retry, RETRY_SECONDS, RETRY_SECONDS, TimeUnit.SECONDS);
        beans.sourceWebhooks().missing().forEach((source, fault) -> {
            if (!leftOut.has(source)) {
                LOG.warn("The source {} stores nothing: {}", source, fault);
            }
        });
        return this;
    }

    /** Starts those again that could only not be started: without a word until one can. */
    private synchronized void retry() {
        for (var source : List.copyOf(refused)) {
            if (context.isStopping()) {
                return;
            }
            refused.remove(source);
            retried = source;
            try {
                reload(source);
                if (loaded.containsKey(source)) {
                    leftOut.remove(source);
                    LOG.info("The source {} is started", source);
                }
            } catch (RuntimeException e) { // which would end the schedule
                LOG.error("The source {} could not be tried again: {}", source, SourceFaultText.plain(e));
            } finally {
                retried = null;
            }
        }
    }

    private void reload(String source) {
        var name = source.replaceFirst("^in-", "");
        var kind = TemplatedSources.kinds(settings).get(name);
        if (kind == null) {
            load(source);
        } else {
            addTemplated(source, name, kind);
        }
        startLoaded();
    }

    /** Whether a file belongs to a source that does not run. */
    boolean isLeftOut(Path file) {
        return leftOut.has(String.valueOf(SourceFiles.sourceOf(file)));
    }

    /** Tries a source again that was left out, once one of its files was edited. */
    synchronized void again(Path file) {
        if (!RouteFiles.hasContent(file)) {
            return; // an editor is about to write it
        }
        var source = SourceFiles.sourceOf(file);
        if (faults.containsKey(source)) {
            LOG.error("The source {} needs other settings, and a restart: {}", source, faults.get(source));
            return;
        }
        leftOut.remove(source);
        load(source);
        kinds(kind -> SourceFiles.id(kind).equals(source));
        startLoaded();
        if (!leftOut.has(source)) {
            LOG.info("{} is taken over", file.getFileName());
        }
    }

    /** A database that cannot be had is missing to the sources that name it. */
    private void databases() {
        beans.databaseFaults().forEach((name, fault) -> {
            var wanted = SqlCheck.useOf(name);
            var readers = files.entrySet().stream()
                    .filter(source -> SourceFiles.contain(source.getValue(), wanted))
                    .filter(source -> !"false"
                            .equals(told.setting("inbound." + source.getKey().replaceFirst("^in-", "") + ".enabled")))
                    .toList();
            readers.forEach(source -> faults.putIfAbsent(source.getKey(), fault));
            if (readers.isEmpty()) {
                LOG.warn("{}", fault);
            }
        });
    }

    private void load(String source) {
        if (files.get(source).stream().allMatch(file -> SourceFiles.isOff(file, settings))) {
            return; // reading it would take longer than anything else about it
        }
        attempt(source, () -> {
            for (var file : files.get(source)) {
                var fault = RouteFiles.fault(file);
                if (fault != null) {
                    throw new SettingException(fault.toString());
                }
            }
            var resources = files.get(source).stream()
                    .filter(RouteFiles::hasContent)
                    .map(file -> PluginHelper.getResourceLoader(context).resolveResource("file:" + file))
                    .toList();
            var builders = PluginHelper.getRoutesLoader(context).findRoutesBuilders(resources);
            for (var builder : builders) {
                if (builder instanceof RouteConfigurationsBuilder configurations) {
                    context.addRoutesConfigurations(configurations);
                }
            }
            var hold = new HeldRoutes(context, faults.containsKey(source));
            for (var builder : builders) {
                ((RouteBuilder) builder).addLifecycleInterceptor(hold);
                context.addRoutes(builder);
            }
            waiting.put(source, hold.routes());
        });
    }

    /** Adds the sources that are lines of settings. */
    private void kinds(Predicate<String> isWanted) {
        TemplatedSources.kinds(settings).forEach((name, kind) -> {
            var source = SourceFiles.id(name);
            if (isWanted.test(kind) && !faults.containsKey(source) && TemplatedSources.isOn(settings, name)) {
                add(source, name, kind);
            }
        });
    }

    private void add(String source, String name, String kind) {
        var template = SourceFiles.id(kind);
        files.put(source, files.getOrDefault(template, List.of()));
        if (leftOut.has(template) && !faults.containsKey(template)) {
            leaveOut(
                    source,
                    "its template %s: %s".formatted(template, leftOut.reasons().get(template)));
            return;
        }
        leftOut.remove(source);
        addTemplated(source, name, kind);
    }

    private void addTemplated(String source, String name, String kind) {
        attempt(source, () -> {
            TemplatedSources.add(context, settings, name, kind);
            waiting.put(source, Set.of(source));
        });
    }

    /** What is loaded takes nothing in before it is known that all that it calls is there. */
    private void startLoaded() {
        leaveOutCallers();
        Map.copyOf(waiting)
                .forEach((source, routes) -> attempt(source, () -> {
                    for (var route : routes) {
                        if (context.getRoute(route) != null) {
                            refused.add(source);
                            context.getRouteController().startRoute(route);
                            refused.remove(source);
                        }
                    }
                }));
        waiting.clear();
        leaveOutCallers();
    }

    /** Leaves out those that call a route which is not there, and then those that call these. */
    private void leaveOutCallers() {
        for (var missing = SourceFiles.among(RouteFiles.callersOfMissing(context), loaded.keySet(), files);
                !missing.isEmpty();
                missing = SourceFiles.among(RouteFiles.callersOfMissing(context), loaded.keySet(), files)) {
            missing.forEach((source, finding) -> {
                loaded.get(source).undo();
                leaveOut(source, finding.toString());
            });
        }
    }

    /** Does what may fail for one source, which is then taken out and told of. */
    private void attempt(String source, Step step) {
        var before = RouteChanges.of(context);
        try {
            step.go();
            var added = before.since();
            if (added.hasOperations()) {
                beans.readSecurity(context);
            }
            if (added.hasRoutes()) {
                added.checkSignatures();
                added.checkPolls();
                loaded.put(source, added);
            }
        } catch (Exception | LinkageError | StackOverflowError e) {
            var earlier = loaded.get(source);
            var reason = earlier == null ? told.ofLoading(source, e) : told.ofStart(source, e);
            before.since().undo();
            if (earlier != null) {
                earlier.undo();
            }
            leaveOut(source, reason);
        }
    }

    private void leaveOut(String source, String reason) {
        loaded.remove(source);
        waiting.remove(source);
        if (source.equals(retried)) {
            told.renew(source, reason);
        } else {
            told.tell(source, reason, refused.contains(source));
        }
    }
}
