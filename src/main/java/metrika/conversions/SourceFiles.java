package metrika.conversions;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import metrika.conversions.check.FilesBelow;
import metrika.conversions.check.Finding;
import metrika.conversions.check.RouteCheck;
import metrika.conversions.settings.Settings;
import metrika.conversions.sources.TemplatedSources;

/**
 * Which route files are those of sources: the files {@code in-*}, all in a folder {@code sources}, and those that are
 * switched on with a source, such as what lays Kafka's messages aside. All others are the product itself.
 */
final class SourceFiles {

    private static final String PREFIX = "in-";
    /** A route, which a template is not. */
    private static final Pattern ROUTE = Pattern.compile("(?m)^- route:");

    /** A route, or what else a file can hold. */
    private static final Pattern ENTRY = Pattern.compile("(?m)^- [a-zA-Z]+:");

    private static final Pattern PART_OF =
            Pattern.compile("(?m)^\\s*precondition:\\s*[\"']?\\{\\{inbound\\.([^.{}]+)\\.enabled}}");

    private final Map<String, List<Path>> sources = new TreeMap<>();
    private final List<Path> others = new ArrayList<>();

    /** @param folder the one of all routes */
    SourceFiles(Path folder) {
        for (var file : FilesBelow.of(folder, RouteCheck.ROUTE)) {
            var source = sourceOf(file);
            if (source == null) {
                others.add(file);
            } else {
                sources.computeIfAbsent(source, first -> new ArrayList<>()).add(file);
            }
        }
        // The file of the source itself first: it is the one that is named when nothing better is known
        sources.forEach((source, files) -> files.sort((one, other) ->
                Boolean.compare(nameOf(other).equals(source), nameOf(one).equals(source))));
    }

    /** The files of each source, by the id of its route. */
    Map<String, List<Path>> sources() {
        return sources;
    }

    /** The files of the product itself, without which it does not start. */
    List<Path> others() {
        return others;
    }

    /** The id of the route that a source's setting {@code inbound.<name>.*} belongs to. */
    static String id(String name) {
        return PREFIX + name;
    }

    /** The source that a file belongs to, {@code null} when it is the product's own. */
    static String sourceOf(Path file) {
        var name = nameOf(file);
        if (name.startsWith(PREFIX)
                || file.getParent() != null && file.getParent().endsWith("sources")) {
            return name;
        }
        var source = PART_OF.matcher(text(file));
        return source.find() ? id(source.group(1)) : null;
    }

    /**
     * Whether nothing of a file would run: each of its routes belongs to a source that a setting switches off. What is
     * not set, or cannot be read, Camel has something to say of.
     */
    static boolean isOff(Path file, Settings settings) {
        var text = text(file);
        var entries = ENTRY.matcher(text).results().count();
        var sources =
                PART_OF.matcher(text).results().map(found -> found.group(1)).toList();
        return entries > 0 && entries == sources.size() && sources.stream().allMatch(name -> isOff(name, settings));
    }

    private static boolean isOff(String name, Settings settings) {
        var setting = "inbound.%s.enabled".formatted(name);
        return settings.fault(setting) == null && "false".equals(settings.find(setting));
    }

    /**
     * Sources that there are twice: a file, and lines of settings that make a source of the same name of a template.
     * Which of them is meant nobody can tell.
     *
     * @param files of each source, as {@link #sources} has them
     * @return what is wrong, by the ids of their routes; of those that are switched on
     */
    static Map<String, String> doubles(Map<String, List<Path>> files, Settings settings) {
        var doubles = new TreeMap<String, String>();
        TemplatedSources.kinds(settings).forEach((name, kind) -> {
            var source = id(name);
            if (TemplatedSources.isOn(settings, name)) {
                files.getOrDefault(source, List.of()).stream()
                        .filter(file -> nameOf(file).equals(source) && contain(List.of(file), ROUTE))
                        .findFirst()
                        .ifPresent(file -> doubles.put(
                                source,
                                "inbound.%s.type is '%s', which makes a source of this name, and %s is another one: "
                                                .formatted(name, kind, file)
                                        + "remove one of them, or give it another name"));
            }
        });
        return doubles;
    }

    /** Whether one of some files holds a text. */
    static boolean contain(Collection<Path> files, Pattern wanted) {
        return files.stream().anyMatch(file -> wanted.matcher(text(file)).find());
    }

    /**
     * What is found in files, by the sources that it is about: those whose file it is, and those that use the kamelet.
     *
     * @param sources those that may be meant
     * @param files of each source
     */
    static Map<String, Finding> among(
            Collection<Finding> findings, Collection<String> sources, Map<String, List<Path>> files) {
        var found = new TreeMap<String, Finding>();
        for (var finding : findings) {
            var kamelet = finding.file().getFileName().toString().replace(".kamelet.yaml", "");
            var user = Pattern.compile("kamelet:%s\\b".formatted(Pattern.quote(kamelet)));
            sources.stream()
                    .filter(source -> files.get(source).contains(finding.file()) || contain(files.get(source), user))
                    .forEach(source -> found.putIfAbsent(source, finding));
        }
        return found;
    }

    private static String nameOf(Path file) {
        return file.getFileName().toString().replace(RouteCheck.ROUTE, "");
    }

    /** What is no text says nothing here: why it cannot be read is told by whoever loads it. */
    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
