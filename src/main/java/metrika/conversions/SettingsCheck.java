package metrika.conversions;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import metrika.conversions.check.ConnectorTestCase;
import metrika.conversions.check.CredentialCheck;
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

    /**
     * What keeps sources that are switched on from starting, or from letting anybody in, and may be set elsewhere: as a
     * variable, a secret.
     *
     * @param source the id of its route; empty for all sources
     * @param files with the routes that are checked
     */
    List<String> warnings(String source, List<Path> files) {
        var warnings = new ArrayList<String>();
        var missing = SourceSettings.missing(settings);
        missing.forEach((name, faults) -> {
            if (isOf(source, name)) {
                faults.forEach(fault -> warnings.add("in-%s would not start: %s".formatted(name, fault)));
            }
        });
        new CredentialCheck(settings)
                .empty(files)
                .forEach((id, names) -> names.stream()
                        .filter(name -> missing.getOrDefault(id.replaceFirst("^in-", ""), List.of()).stream()
                                .noneMatch(fault -> fault.startsWith(name + " ")))
                        .forEach(name -> warnings.add("%s would not start or would let nobody in: %s (%s) is empty"
                                .formatted(id, name, Settings.variable(name)))));
        return warnings;
    }

    private static boolean isOf(String source, String name) {
        return source.isEmpty() || source.equals("in-" + name);
    }
}
