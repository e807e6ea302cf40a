package metrika.conversions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.apache.camel.CamelContext;
import org.apache.camel.CamelException;
import org.apache.camel.NoSuchBeanException;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.model.Model;
import org.apache.camel.support.PluginHelper;

import metrika.conversions.check.FilesBelow;
import metrika.conversions.check.Finding;
import metrika.conversions.check.RouteCheck;
import metrika.conversions.settings.ReadableFile;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/** Whether the files of {@code routes/} can run. What keeps them from it is told in one line that names the file. */
final class RouteFiles {

    private static final Path FOLDER = Path.of("routes");
    private static final int MOST = 3;
    /** Of YAML: a blank line, a comment, a directive, the start of the document. */
    private static final Pattern NO_CONTENT = Pattern.compile("\\ufeff?\\s*(#.*|%.*|---)?");

    private static final Pattern LIST = Pattern.compile("\\ufeff?\\s*[-\\[]");

    private RouteFiles() {}

    /** @throws SettingException when there is no folder with routes in it */
    static void checkFolder() {
        if (!Files.isDirectory(FOLDER, LinkOption.NOFOLLOW_LINKS) || isEmpty()) {
            throw new SettingException(
                    "There is no route in %s/*%s: start from the folder that holds routes/, which has to be a "
                                    .formatted(FOLDER.toAbsolutePath(), RouteCheck.ROUTE)
                            + "folder itself, since links to one are not followed");
        }
    }

    /**
     * What belongs to a source is left to {@link SourceRoutes}: it stops nobody else.
     *
     * @throws SettingException when there are no files of routes, or one of them cannot be read
     */
    static void checkReadable() {
        checkFolder();
        var faults = new ArrayList<Finding>();
        new SourceFiles(FOLDER)
                .others().stream()
                        .map(RouteFiles::fault)
                        .filter(Objects::nonNull)
                        .forEach(faults::add);
        faults.addAll(FilesBelow.unreadable(FOLDER, ".kamelet.yaml"));
        faults.addAll(FilesBelow.unreadable(FOLDER, ".sql"));
        if (!faults.isEmpty()) {
            throw new SettingException(line(faults));
        }
    }

    /**
     * Adds the routes of files to a context that runs, and starts them.
     *
     * @throws SettingException that names a {@code direct:} which they call and no route begins with
     */
    static void load(CamelContext context, List<Path> files) throws Exception {
        var loader = PluginHelper.getResourceLoader(context);
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(files.stream()
                        .map(file -> loader.resolveResource("file:" + file))
                        .toList());
        refuse(callersOfMissing(context).stream()
                .filter(caller -> files.contains(caller.file()))
                .toList());
    }

    /** Why a file cannot be one of routes, {@code null} when it can. */
    static Finding fault(Path file) {
        var fault = ReadableFile.fault(file);
        return fault == null ? withoutList(file) : new Finding(file, 0, fault);
    }

    /** Whether there is anything in a file that can be read, but for comments. */
    static boolean hasContent(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.anyMatch(line -> !NO_CONTENT.matcher(line).matches());
        } catch (IOException e) {
            throw new SettingException("%s cannot be read: %s".formatted(file, ReadableFile.reason(file, e)));
        }
    }

    /** Of a file whose text is no list: Camel passes over it without a word. One of comments alone is left in peace. */
    private static Finding withoutList(Path file) {
        try {
            var lines = Files.readAllLines(file);
            return IntStream.range(0, lines.size())
                    .filter(i -> !NO_CONTENT.matcher(lines.get(i)).matches())
                    .limit(1)
                    .filter(i -> !LIST.matcher(lines.get(i)).lookingAt())
                    .mapToObj(i -> new Finding(file, i + 1, "a list of routes is expected, which begins with - route:"))
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            throw new SettingException("%s cannot be read: %s".formatted(file, ReadableFile.reason(file, e)));
        }
    }

    private static boolean isEmpty() {
        return FilesBelow.of(FOLDER, RouteCheck.ROUTE).isEmpty();
    }

    /**
     * What is called has to be there, before anything runs: Camel itself finds out at the first call.
     *
     * @throws SettingException that names a {@code direct:} which no route begins with, and who calls it
     */
    static void checkTargets(CamelContext context) {
        refuse(callersOfMissing(context));
    }

    private static void refuse(List<Finding> callers) {
        if (!callers.isEmpty()) {
            throw new SettingException(line(callers));
        }
    }

    /** The places that name a {@code direct:} which no route begins with. */
    static List<Finding> callersOfMissing(CamelContext context) {
        var begun = context.getCamelContextExtension().getContextPlugin(Model.class).getRouteDefinitions().stream()
                .map(route -> key(route.getInput().getEndpointUri()))
                .collect(Collectors.toSet());
        context.getRoutes().forEach(route -> begun.add(key(route.getEndpoint().getEndpointUri())));
        var missing = context.getEndpoints().stream()
                .map(endpoint -> key(endpoint.getEndpointUri()))
                .filter(target -> target.startsWith("direct:") && !begun.contains(target))
                .collect(Collectors.toCollection(TreeSet::new));
        return missing.stream().flatMap(RouteFiles::callers).toList();
    }

    private static String key(String uri) {
        return uri.replaceFirst("://", ":").replaceFirst("\\?.*", "");
    }

    /** The places that name a target. */
    private static Stream<Finding> callers(String target) {
        var name = Pattern.compile(Pattern.quote(target) + "(?![A-Za-z0-9_.-])");
        var callers = new ArrayList<Finding>();
        for (var file : FilesBelow.of(FOLDER, ".yaml")) {
            if (ReadableFile.fault(file) != null) {
                continue; // it is told of as such
            }
            try {
                var lines = Files.readAllLines(file);
                for (int i = 0; i < lines.size(); i++) {
                    if (name.matcher(lines.get(i)).find()) {
                        callers.add(new Finding(file, i + 1, "no route that is switched on begins with " + target));
                    }
                }
            } catch (IOException e) {
                throw new SettingException("%s cannot be read: %s".formatted(file, ReadableFile.reason(file, e)));
            }
        }
        return callers.stream();
    }

    /**
     * Why routes did not start.
     *
     * @return an exception that names the file at fault, as {@code check} does, or else says what Camel does;
     *     {@code null} when the failure is none of the routes'
     */
    static SettingException explain(Settings settings, Throwable failure) {
        var last = failure;
        var missing = new HashSet<String>();
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SettingException known) {
                return known;
            }
            if (cause instanceof NoSuchBeanException bean) {
                missing.add(bean.getName());
            }
            last = cause;
        }
        var findings = ofProduct(check(settings, missing).clashes());
        if (findings.isEmpty()) {
            findings = ofProduct(check(settings, missing).all());
        }
        if (!findings.isEmpty()) {
            return new SettingException(line(findings));
        }
        var isOfRoutes = failure instanceof CamelException
                || failure instanceof RuntimeCamelException
                || failure instanceof IllegalArgumentException;
        return isOfRoutes ? new SettingException("The routes do not start: " + last.getMessage()) : null;
    }

    /** What is wrong with sources keeps nothing from starting. */
    private static List<Finding> ofProduct(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> SourceFiles.sourceOf(finding.file()) == null)
                .toList();
    }

    private static RouteCheck check(Settings settings, Set<String> missingBeans) {
        return new RouteCheck(FOLDER, CheckCommand.known(settings), name -> !missingBeans.contains(name));
    }

    /** Several findings as one line. */
    static String line(List<Finding> findings) {
        var more = findings.size() - MOST;
        var first = findings.stream()
                .limit(MOST)
                .map(finding -> finding.toString().replaceAll("\\R\\s*", " "))
                .collect(Collectors.joining("; "));
        return more > 0 ? "%s; and %d more, which the command check lists".formatted(first, more) : first;
    }
}
