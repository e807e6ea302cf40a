package metrika.conversions;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

import metrika.conversions.auth.SignatureRule;
import metrika.conversions.settings.Settings;
import metrika.conversions.sources.Columns;
import metrika.conversions.sources.FileImportSteps;
import metrika.conversions.sources.TemplatedSources;

/** Whether the settings of a source have values that can be what they are meant to be. */
final class SourceValues {

    private SourceValues() {}

    /**
     * What is wrong, each beginning with the name of its setting.
     *
     * @param name of the source
     * @param kind of a source that is lines of settings; {@code null} of a file
     */
    static List<String> faults(Settings settings, String name, String kind) {
        var source = "inbound." + name + ".";
        var faults = new ArrayList<String>();
        var directory = settings.find(source + "directory");
        var isOnServer = settings.isKnown(source + "known-hosts-file")
                || kind != null && settings.isKnown("inbound.%s.known-hosts-file".formatted(kind));
        if (directory != null && directory.startsWith("/") && isOnServer) {
            faults.add(("%sdirectory (%s) is '%s', and begins at the user's own folder on the server,"
                                    + " whatever stands before it: ")
                            .formatted(source, Settings.variable(source + "directory"), directory)
                    + "leave the slash out, and go up from there with ../ if need be");
        }
        var encoding = settings.find(source + "encoding");
        if (encoding != null && !FileImportSteps.isEncoding(encoding)) {
            faults.add(("%sencoding (%s) is '%s', which is not known: utf-8, windows-1251, cp866, koi8-r,"
                            + " utf-16 or nothing")
                    .formatted(source, Settings.variable(source + "encoding"), encoding));
        }
        var fault = Columns.fault(settings.find(source + "columns"));
        if (fault != null) {
            faults.add("%scolumns (%s) cannot be read: %s"
                    .formatted(source, Settings.variable(source + "columns"), fault));
        }
        oneOf(settings, source, "date-time", List.of("required", "now"), faults);
        oneOf(settings, source, "bad-rows", List.of("refuse", "leave-out", "log"), faults);
        oneOf(settings, source, "each-order", List.of("true", "false"), faults);
        var signature = signature(settings, name, kind).fault(true);
        if (signature != null) {
            faults.add(source + SignatureRule.namingVariables(signature));
        }
        FileSettings.check(source, settings, faults);
        PullSettings.check(settings, name, kind, faults);
        return faults;
    }

    /** How the sender of a source signs that is lines of settings; of a file the route says it. */
    static SignatureRule signature(Settings settings, String name, String kind) {
        var given = new HashMap<String, String>();
        if (kind != null && settings.isKnown("inbound.%s.signature-secret".formatted(kind))) {
            SignatureRule.NAMES.forEach(
                    (parameter, setting) -> given.put(parameter, TemplatedSources.find(settings, name, kind, setting)));
        }
        return SignatureRule.of(given);
    }

    /** Adds what is wrong with a setting that is a number of things. */
    static void wholeNumber(Settings settings, String source, String setting, List<String> faults) {
        var value = settings.find(source + setting);
        if (value != null && !value.matches("[0-9]{1,9}")) {
            faults.add("%s%s (%s) is '%s': a whole number is expected"
                    .formatted(source, setting, Settings.variable(source + setting), value));
        }
    }

    /** Adds what is wrong with a setting that has one of some values. */
    static void oneOf(Settings settings, String source, String setting, List<String> values, List<String> faults) {
        var value = settings.find(source + setting);
        if (value != null && !values.contains(value)) {
            var last = values.size() - 1;
            faults.add("%s%s (%s) is '%s': %s or %s is expected"
                    .formatted(
                            source,
                            setting,
                            Settings.variable(source + setting),
                            value,
                            String.join(", ", values.subList(0, last)),
                            values.get(last)));
        }
    }
}
