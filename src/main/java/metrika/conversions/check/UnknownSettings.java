package metrika.conversions.check;

import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import metrika.conversions.settings.ReadableFile;
import metrika.conversions.settings.SettingException;

/** Lines of an installation's settings that nothing reads: most often a name that is written wrong. */
public final class UnknownSettings {

    private static final Pattern NAMED = Pattern.compile("\\{\\{\\??!?([A-Za-z0-9_.-]+)[^}]*}}");
    /** A source's name, and its kind. */
    private static final Pattern TYPED = Pattern.compile("\\s*inbound\\.([^.\\s=:]+)\\.type\\s*[=:]\\s*(\\S+)\\s*");
    /** What others read, Camel and whoever names levels of the log, and what an installation names itself. */
    private static final List<String> OF_OTHERS = List.of("camel.", "logging.level.", "quarkus.", "data-source.");
    /** What each source of an installation may have, whatever it is called. */
    private static final Set<String> OF_SOURCES = Set.of("enabled", "encoding");

    /** The id of a route template whose routes are sources. */
    private static final Pattern KIND = Pattern.compile("(?m)^- routeTemplate:\\s+id: in-(\\S+)");

    private final Set<String> known = new HashSet<>();
    private final Set<String> kinds = new TreeSet<>();

    /** @param routes the folder whose files name settings too */
    public UnknownSettings(Path routes) {
        for (var shipped : List.of("application.properties", "application-dev.properties")) {
            try (var stream = UnknownSettings.class.getResourceAsStream("/settings/" + shipped)) {
                var properties = new Properties();
                properties.load(new InputStreamReader(stream, StandardCharsets.UTF_8));
                known.addAll(properties.stringPropertyNames());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
        var files = FilesBelow.of(routes, ".yaml");
        files.addAll(FilesBelow.of(routes, ".sql"));
        for (var file : files) {
            if (ReadableFile.fault(file) != null) {
                continue; // told with the faults of routes
            }
            try {
                var text = Files.readString(file);
                NAMED.matcher(text).results().forEach(found -> known.add(found.group(1)));
                KIND.matcher(text).results().forEach(found -> kinds.add(found.group(1)));
            } catch (IOException e) {
                throw new SettingException("%s cannot be read: %s".formatted(file, ReadableFile.reason(file, e)));
            }
            var source = file.getFileName().toString();
            if (source.startsWith("in-") && source.endsWith(RouteCheck.ROUTE)) {
                var name = source.substring("in-".length(), source.length() - RouteCheck.ROUTE.length());
                OF_SOURCES.forEach(setting -> known.add("inbound." + name + "." + setting));
            }
        }
    }

    /** What is unknown in files of settings; those that are not there are passed over. */
    public List<Finding> in(Collection<Path> files) {
        var findings = new ArrayList<Finding>();
        var lines = new SettingLines(files).files();
        var ofNoKind = new HashSet<String>();
        lines.forEach((file, text) -> learnTypes(file, text, ofNoKind, findings));
        lines.forEach((file, text) -> in(file, text, ofNoKind, findings));
        return findings;
    }

    /**
     * A source that is settings only may have each setting of its kind: see TemplatedSources.
     *
     * @param ofNoKind takes what the settings of sources begin with whose kind is not there
     */
    private void learnTypes(Path file, List<String> lines, Set<String> ofNoKind, List<Finding> findings) {
        for (int i = 0; i < lines.size(); i++) {
            var typed = TYPED.matcher(lines.get(i));
            if (!typed.matches()) {
                continue;
            }
            var source = "inbound." + typed.group(1) + ".";
            var kind = typed.group(2);
            if (!kinds.contains(kind)) {
                ofNoKind.add(source);
                findings.add(new Finding(
                        file,
                        i + 1,
                        "%stype is '%s': one of %s is expected%s"
                                .formatted(source, kind, String.join(", ", kinds), NearMiss.question(kind, kinds))));
            }
            var ofKind = "inbound." + kind + ".";
            List.copyOf(known).stream()
                    .filter(setting -> setting.startsWith(ofKind))
                    .forEach(setting -> known.add(source + setting.substring(ofKind.length())));
        }
    }

    private void in(Path file, List<String> lines, Set<String> ofNoKind, List<Finding> findings) {
        SettingLines.names(lines).forEach((line, name) -> {
            if (!known.contains(name)
                    && OF_OTHERS.stream().noneMatch(name::startsWith)
                    && ofNoKind.stream().noneMatch(name::startsWith)) {
                // A colon behind a name such as x.secret would have the log take what follows for the secret
                var near = NearMiss.of(name, known);
                findings.add(new Finding(
                        file,
                        line,
                        "nothing reads the setting %s%s"
                                .formatted(name, near == null ? "" : "; is " + near + " meant?")));
            }
        });
    }
}
