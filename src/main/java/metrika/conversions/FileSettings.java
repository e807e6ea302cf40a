package metrika.conversions;

import java.util.List;
import java.util.regex.Pattern;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;
import metrika.conversions.settings.TimeSpan;
import metrika.conversions.sources.ChangedRows;
import metrika.conversions.sources.DroppedFiles;
import metrika.conversions.sources.StableFileFilter;

/** Whether the settings of a source that takes files or mails can be read. */
final class FileSettings {

    private static final Pattern LINES = Pattern.compile("[0-9]{1,4}");

    private FileSettings() {}

    /** @param source what the names of its settings begin with */
    static void check(String source, Settings settings, List<String> faults) {
        var skipLines = settings.find(source + "skip-lines");
        if (skipLines != null && !LINES.matcher(skipLines).matches()) {
            faults.add("%sskip-lines (%s) is '%s': a number of lines is expected"
                    .formatted(source, Settings.variable(source + "skip-lines"), skipLines));
        }
        time(source, "delay", 1, settings, faults);
        time(source, "min-age", 0, settings, faults);
        oneOf(source, "changed", ChangedRows.WAYS, settings, faults);
        oneOf(source, "failed-when", DroppedFiles.FAILED_WHEN, settings, faults);
        if (settings.find(source + "protocol") != null) {
            return; // folders of a mailbox have other names
        }
        for (var folder : List.of("done-folder", "failed-folder")) {
            var name = settings.find(source + folder);
            if (name != null && !StableFileFilter.isFolder(name)) {
                faults.add("%s%s (%s) is '%s': the name of a folder beside the files is expected, without a slash"
                        .formatted(source, folder, Settings.variable(source + folder), name));
            }
        }
    }

    private static void time(String source, String name, long leastMillis, Settings settings, List<String> faults) {
        var value = settings.find(source + name);
        if (value == null) {
            return;
        }
        var setting = "%s%s (%s) is ".formatted(source, name, Settings.variable(source + name));
        try {
            if (TimeSpan.parse(value).toMillis() < leastMillis) {
                faults.add(setting + "'%s': a time above zero is expected".formatted(value));
            }
        } catch (SettingException e) {
            faults.add(setting + e.getMessage());
        }
    }

    private static void oneOf(String source, String name, List<String> values, Settings settings, List<String> faults) {
        var value = settings.find(source + name);
        if (value != null && !values.contains(value)) {
            faults.add("%s%s (%s) is '%s': %s is expected"
                    .formatted(source, name, Settings.variable(source + name), value, String.join(" or ", values)));
        }
    }
}
