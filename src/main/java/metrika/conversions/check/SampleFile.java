package metrika.conversions.check;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.RouteDefinition;

import metrika.conversions.sources.DroppedFiles;
import metrika.conversions.sources.ImportedFile;

/** A sample that is a file as it would be put into a folder: which folder it would be moved to. */
final class SampleFile {

    private static final Pattern DROPS = Pattern.compile("kamelet:(?:folder|sftp)-drop\\b.*");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]+)}}");
    /** What the kamelets make variables of. */
    private static final Map<String, String> FOLDERS = Map.of("doneFolder", "done", "failedFolder", "failed");

    private final Map<String, String> folders = new TreeMap<>();
    private final boolean isMoved;

    /** @param input where the connector takes things from */
    SampleFile(CamelContext context, FromDefinition input) {
        isMoved = DROPS.matcher(input.getUri()).matches();
        if (isMoved) {
            FOLDERS.forEach((parameter, variable) -> {
                var given = Pattern.compile("[?&]" + parameter + "=([^&]*)").matcher(input.getUri());
                if (given.find()) {
                    var folder = URLDecoder.decode(given.group(1), StandardCharsets.UTF_8);
                    folders.put(variable, resolved(context, input, folder));
                }
            });
        }
    }

    /** The parameters of a route of a template are no settings. */
    private static String resolved(CamelContext context, FromDefinition input, String given) {
        var name = PLACEHOLDER.matcher(given);
        var ofTemplate = input.getParent() instanceof RouteDefinition route && route.getTemplateParameters() != null
                ? route.getTemplateParameters()
                : Map.<String, Object>of();
        return name.matches() && ofTemplate.containsKey(name.group(1))
                ? String.valueOf(ofTemplate.get(name.group(1)))
                : context.resolvePropertyPlaceholders(given);
    }

    /** Sets what the kamelet leaves. */
    void fill(Exchange exchange) {
        folders.forEach(exchange::setVariable);
    }

    /**
     * Where the file goes, in a line; none when it is no such file.
     *
     * @param failure what the connector has failed with; {@code null} when it has not
     */
    List<String> place(Exchange exchange, Throwable failure) {
        if (!isMoved) {
            return List.of();
        }
        if (failure != null) {
            return List.of(
                    DroppedFiles.isFault(failure)
                            ? DroppedFiles.folder(exchange, true)
                            : "it stays where it is, and is tried again");
        }
        var outcome = exchange.getVariable("outcome", String.class);
        var folder = outcome == null ? DroppedFiles.folder(exchange, false) : outcome;
        return List.of(
                exchange.getVariable("file") instanceof ImportedFile file
                        ? "%s: %s".formatted(folder, file.getSummary())
                        : folder);
    }
}
