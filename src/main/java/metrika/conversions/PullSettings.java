package metrika.conversions;

import java.util.HashMap;
import java.util.List;
import java.util.regex.Pattern;

import metrika.conversions.check.PullCheck;
import metrika.conversions.settings.Settings;
import metrika.conversions.sources.TemplatedSources;

/** The settings of sources of the kinds {@code rest-pull} and {@code sql-pull}: the parameters of those kamelets. */
final class PullSettings {

    private static final String REST = "rest-pull";
    private static final String SQL = "sql-pull";
    private static final Pattern SETTING = Pattern.compile("-([a-z])");
    private static final Pattern PARAMETER = Pattern.compile("\\b[a-z]+(?:[A-Z][a-z]+)+\\b");

    private PullSettings() {}

    /** What a source of a kind cannot do without, besides its webhook. */
    static List<String> needed(String kind) {
        return REST.equals(kind)
                ? List.of("address", "cursor", "key")
                : SQL.equals(kind) ? List.of("data-source", "query", "cursor", "key") : List.of();
    }

    /** Whether a user and a password are one way among others to log in. */
    static boolean isLoginOptional(String kind) {
        return REST.equals(kind);
    }

    /** Adds what is wrong with the values of a source. */
    static void check(Settings settings, String name, String kind, List<String> faults) {
        var source = "inbound." + name + ".";
        if (needed(kind).isEmpty()) {
            return;
        }
        SourceValues.oneOf(
                settings,
                source,
                "cursor-format",
                List.of("iso", "local", "unix", "unix-ms", "number", "text"),
                faults);
        SourceValues.oneOf(settings, source, "client-authentication", List.of("form", "basic"), faults);
        SourceValues.oneOf(settings, source, "count-pages", List.of("true", "false"), faults);
        SourceValues.wholeNumber(settings, source, "page-size", faults);
        SourceValues.wholeNumber(settings, source, "timeout", faults);
        for (var setting : settings.names(source)) {
            var value = settings.find(setting);
            if (value != null && value.contains(")&")) { // it is within RAW(…), a part of a URI
                faults.add(setting + " has )&, at which it would end: write %29&");
            }
            if (value != null && value.contains("}}")) {
                faults.add(setting + " has }}, which ends the name of a setting: write } }");
            }
        }
        if (REST.equals(kind)) {
            var given = new HashMap<String, String>();
            for (var setting : settings.names("inbound." + kind + ".")) {
                var own = setting.substring(setting.lastIndexOf('.') + 1);
                var value = TemplatedSources.find(settings, name, kind, own);
                if (value != null) {
                    given.put(parameter(own), value);
                }
            }
            PullCheck.faults(given).forEach(fault -> faults.add("inbound.%s: %s".formatted(name, named(fault))));
        }
    }

    private static String parameter(String setting) {
        return SETTING.matcher(setting).replaceAll(letter -> letter.group(1).toUpperCase());
    }

    /** With the names of settings in place of those of parameters. */
    private static String named(String fault) {
        return PARAMETER
                .matcher(fault)
                .replaceAll(name -> name.group().replaceAll("([A-Z])", "-$1").toLowerCase());
    }
}
