package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

import metrika.conversions.settings.ReadableFile;

/** Where a source over HTTP would be reached, by what its file says, be it able to run or not. */
public final class SourceAddress {

    private static final String KAMELET = "kamelet:http-source";
    private static final String HTTP = "platform-http:";
    private static final Pattern NAME = Pattern.compile("[?&]name=([^&]+)");

    private SourceAddress() {}

    /**
     * The path of a source. Where its file does not say it, such as one that is no YAML, the source's name stands for
     * it.
     *
     * @param name of the source, the one of its settings
     * @param settings values of settings, by their names; {@code null} for those that are not given
     * @return {@code null} when it is no source over HTTP, or its path is not known
     */
    public static String of(Path file, String name, UnaryOperator<String> settings) {
        var yaml = YamlFile.read(file, fault -> {});
        var begins = yaml == null ? List.<JsonNode>of() : yaml.tree().findValues("from");
        for (var from : begins) {
            var uri = resolved(from.path("uri"), settings);
            var parameters = from.path("parameters");
            var address = uri.startsWith(KAMELET)
                    ? inbound(nameOf(uri, resolved(parameters.path("name"), settings)))
                    : uri.startsWith(HTTP)
                            ? path(uri.substring(HTTP.length()))
                            : uri.equals("platform-http") ? path(resolved(parameters.path("path"), settings)) : null;
            if (address != null) {
                return address;
            }
        }
        return speaksOf(file, KAMELET) ? inbound(name) : null;
    }

    private static String inbound(String name) {
        return name.isEmpty() ? null : "/inbound/%s/{webhook_id}".formatted(name);
    }

    private static String nameOf(String uri, String parameter) {
        var inUri = NAME.matcher(uri);
        return inUri.find() ? inUri.group(1) : parameter;
    }

    private static String path(String given) {
        var path = given.replaceFirst("\\?.*", "").replaceFirst("^/*", "");
        return path.isEmpty() ? null : "/" + path;
    }

    private static String resolved(JsonNode text, UnaryOperator<String> settings) {
        return RouteCheck.PLACEHOLDER.matcher(text.asText()).replaceAll(placeholder -> {
            var value = settings.apply(placeholder.group(2));
            return Matcher.quoteReplacement(value == null ? "" : value);
        });
    }

    private static boolean speaksOf(Path file, String text) {
        try {
            return ReadableFile.fault(file) == null && Files.readString(file).contains(text);
        } catch (IOException e) {
            return false;
        }
    }
}
