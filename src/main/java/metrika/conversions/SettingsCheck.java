package metrika.conversions;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import metrika.conversions.check.ConnectorTestCase;
import metrika.conversions.check.Finding;
import metrika.conversions.check.SettingLines;
import metrika.conversions.check.SqlCheck;
import metrika.conversions.check.UnknownSettings;
import metrika.conversions.settings.Settings;

/** What the command {@code check} finds in the settings of an installation. */
final class SettingsCheck {

    private final Settings settings;
    private final Map<String, String> databaseFaults;

    /** @param databaseFaults of the data sources of settings, by their names */
    SettingsCheck(Settings settings, Map<String, String> databaseFaults) {
        this.settings = settings;
        this.databaseFaults = databaseFaults;
    }

    /**
     * What is wrong.
     *
     * @param route the file that is checked, {@code null} for all and the settings that belong to no source
     * @param source the id of its route; empty for all sources
     */
    List<Finding> findings(Path route, String source) {
        var folder = Path.of("routes");
        var findings = new ArrayList<Finding>();
        databaseFaults.forEach((name, fault) -> {
            if (route == null || SourceFiles.contain(List.of(route), SqlCheck.useOf(name))) {
                findings.add(new Finding(Path.of("application.properties"), 0, fault));
            }
        });
        SourceFiles.doubles(new SourceFiles(folder).sources(), settings).forEach((id, fault) -> {
            if (route == null || id.equals(SourceFiles.id(ConnectorTestCase.sourceOf(route)))) {
                findings.add(new Finding(Path.of("application.properties"), 0, fault));
            }
        });
        if (route == null) {
            findings.addAll(new UnknownSettings(folder).in(settings.files()));
        }
        var lines = new SettingLines(settings.files());
        SourceSettings.wrong(settings).forEach((name, faults) -> {
            if (isOf(source, name)) {
                faults.forEach(fault -> findings.add(lines.finding(fault)));
            }
        });
        return findings;
    }

    /** What keeps sources from starting that are switched on, and may be set elsewhere: as a variable, a secret. */
    List<String> warnings(String source) {
        var warnings = new ArrayList<String>();
        SourceSettings.missing(settings).forEach((name, faults) -> {
            if (isOf(source, name)) {
                faults.forEach(fault -> warnings.add("in-%s would not start: %s".formatted(name, fault)));
            }
        });
        return warnings;
    }

    private static boolean isOf(String source, String name) {
        return source.isEmpty() || source.equals("in-" + name);
    }
}
