package metrika.conversions;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;
import metrika.conversions.sources.Columns;
import metrika.conversions.sources.FileImportSteps;
import metrika.conversions.sources.TemplatedSources;

/** Whether sources that are switched on have the settings that they need. */
final class SourceSettings {

    /** What a source cannot do without, where it has a line for it. */
    private static final Set<String> NEEDED_OF_SOURCES = Set.of(
            "webhook",
            "host",
            "port",
            "protocol",
            "directory",
            "username",
            "known-hosts-file",
            "brokers",
            "topic",
            "group",
            "dead-letter-topic",
            "folder",
            "done-folder",
            "failed-folder",
            "secret",
            "senders");

    private static final String PREFIX = "inbound.";
    private static final String ENABLED = ".enabled";

    private SourceSettings() {}

    /**
     * A source that is switched on and not told what it takes, or from where, would be found to do nothing only by
     * whoever waits for its conversions.
     *
     * @return what is missing or wrong, by the names of those sources that are switched on
     */
    static Map<String, List<String>> faults(Settings settings) {
        var faults = new TreeMap<String, List<String>>();
        for (var setting : settings.names(PREFIX)) {
            if (setting.endsWith(ENABLED)) {
                var found = new ArrayList<String>();
                try {
                    if (settings.flag(setting)) {
                        check(settings, setting, found);
                    }
                } catch (SettingException e) {
                    found.add(e.getMessage());
                }
                if (!found.isEmpty()) {
                    faults.put(setting.substring(PREFIX.length(), setting.length() - ENABLED.length()), found);
                }
            }
        }
        return faults;
    }

    /** The settings of sources, switched on or not, that need a file, a variable or a secret that is not there. */
    static List<String> unresolved(Settings settings) {
        return settings.names(PREFIX).stream()
                .filter(name -> settings.fault(name) != null)
                .toList();
    }

    private static void check(Settings settings, String enabled, List<String> missing) {
        var source = enabled.substring(0, enabled.length() - "enabled".length());
        for (var setting : settings.names(source)) {
            var fault = settings.fault(setting);
            if (fault == null && setting.endsWith(".schedule")) {
                fault = Schedules.fault(settings, setting);
            }
            if (fault != null) {
                missing.add(fault);
            }
        }
        if (!missing.isEmpty()) {
            return;
        }
        var kind = settings.find(source + "type");
        Predicate<String> isKnown = name -> settings.isKnown(source + name)
                || kind != null && settings.isKnown("inbound.%s.%s".formatted(kind, name));
        UnaryOperator<String> find = name ->
                TemplatedSources.find(settings, source.substring("inbound.".length(), source.length() - 1), kind, name);
        NEEDED_OF_SOURCES.stream()
                .filter(isKnown)
                .filter(name -> find.apply(name) == null)
                .sorted()
                .forEach(name -> StartupChecks.demand(missing, settings, source + name, enabled + " is true"));
        if (isKnown.test("password") && find.apply("password") == null && find.apply("private-key-file") == null) {
            missing.add("%spassword (%s) is not set%s: %s is true"
                    .formatted(
                            source,
                            Settings.variable(source + "password"),
                            isKnown.test("private-key-file") ? ", nor is " + source + "private-key-file" : "",
                            enabled));
        }
        var directory = settings.find(source + "directory");
        if (directory != null && directory.startsWith("/") && isKnown.test("known-hosts-file")) {
            missing.add(("%sdirectory (%s) is '%s', and begins at the user's own folder on the server,"
                                    + " whatever stands before it: ")
                            .formatted(source, Settings.variable(source + "directory"), directory)
                    + "leave the slash out, and go up from there with ../ if need be");
        }
        var encoding = settings.find(source + "encoding");
        if (encoding != null && !FileImportSteps.isEncoding(encoding)) {
            missing.add(("%sencoding (%s) is '%s', which is not known: utf-8, windows-1251, cp866, koi8-r,"
                            + " utf-16 or nothing")
                    .formatted(source, Settings.variable(source + "encoding"), encoding));
        }
        var fault = Columns.fault(settings.find(source + "columns"));
        if (fault != null) {
            missing.add("%scolumns (%s) that can be read: %s"
                    .formatted(source, Settings.variable(source + "columns"), fault));
        }
        var dateTime = settings.find(source + "date-time");
        if (dateTime != null && !List.of("required", "now").contains(dateTime)) {
            missing.add("%sdate-time (%s) is '%s': required or now is expected"
                    .formatted(source, Settings.variable(source + "date-time"), dateTime));
        }
        var badRows = settings.find(source + "bad-rows");
        if (badRows != null && !List.of("refuse", "leave-out", "log").contains(badRows)) {
            missing.add("%sbad-rows (%s) is '%s': refuse, leave-out or log is expected"
                    .formatted(source, Settings.variable(source + "bad-rows"), badRows));
        }
        FileSettings.check(source, settings, missing);
        var protocol = settings.find(source + "security-protocol");
        if (protocol != null && protocol.startsWith("SASL")) {
            StartupChecks.demand(
                    missing, settings, source + "sasl-jaas-config", source + "security-protocol is " + protocol);
        }
    }
}
