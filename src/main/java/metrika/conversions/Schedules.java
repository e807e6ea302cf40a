package metrika.conversions;

import java.text.ParseException;
import java.util.Date;

import org.quartz.CronExpression;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/** Whether the settings {@code *.schedule} are ones. */
final class Schedules {

    private Schedules() {}

    /**
     * Those of the product; each source has its own {@link #fault}. Quartz itself says what is wrong with a schedule in
     * a stack trace, and of one that is over that its route does not start.
     *
     * @throws SettingException that names the setting, its value and what is expected
     */
    static void check(Settings settings) {
        for (var name : settings.names("")) {
            if (name.endsWith(".schedule") && !name.startsWith("inbound.")) {
                check(name, settings.text(name), settings.quote(name, settings.text(name)));
            }
        }
    }

    /** What is wrong with a setting that is a schedule, {@code null} when nothing is. */
    static String fault(Settings settings, String name) {
        try {
            check(name, settings.text(name), settings.quote(name, settings.text(name)));
            return null;
        } catch (SettingException e) {
            return e.getMessage();
        }
    }

    private static void check(String name, String value, String quoted) {
        var expected =
                "six fields of a Quartz cron are expected: second minute hour day month weekday, with ? for one of the "
                        + "days, such as 0 0/5 * * * ?";
        try {
            if (new CronExpression(value).getNextValidTimeAfter(new Date()) == null) {
                throw new SettingException("%s is '%s', which never comes again: %s".formatted(name, quoted, expected));
            }
        } catch (ParseException e) {
            var meant = inQuartz(value);
            throw new SettingException("%s is '%s': %s%s"
                    .formatted(
                            name,
                            quoted,
                            expected,
                            meant == null
                                    ? " (%s)".formatted(e.getMessage())
                                    : ". What it means in cron is '%s' in Quartz".formatted(meant)));
        }
    }

    /** The five fields of Unix's cron as six of Quartz, or {@code null} when they are not such. */
    private static String inQuartz(String value) {
        var fields = value.strip().split("\\s+");
        // Weekdays are counted from another one there
        if (fields.length != 5 || !fields[4].equals("*")) {
            return null;
        }
        var meant = "0 %s %s %s %s ?".formatted((Object[]) fields);
        return CronExpression.isValidExpression(meant) ? meant : null;
    }
}
