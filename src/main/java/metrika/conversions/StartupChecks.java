package metrika.conversions;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Period;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import metrika.conversions.auth.AdminTokens;
import metrika.conversions.intake.RuleSettings;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;
import metrika.simulator.SimulatorSettings;

/**
 * What has to be given before the product starts outside a developer's machine. All that is missing is told at once.
 */
final class StartupChecks {

    /** The key that stands in {@code application-dev.properties}, for everyone to read. */
    private static final String KEY_OF_DEV = "ZGV2IG9ubHk6IGtub3duIHRvIGV2ZXJ5b25lISEhISE=";

    /** A span of nothing but zeros. */
    private static final Pattern NO_TIME = Pattern.compile("[^1-9]+");

    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);
    private static final int MIN_DAYS_OF_BATCHES = 62;

    private StartupChecks() {}

    /**
     * All that can be said of the settings before anything is begun, but for those of sources: {@link SourceSettings}.
     *
     * @throws SettingException that names what is missing or wrong, and what is expected
     */
    static void ofSettings(Settings settings) {
        settings.checkFiles();
        check(settings);
        checkSpans(settings);
        checkRules(settings);
        Schedules.check(settings);
        checkUrls(settings);
        NotifySettings.check(settings);
        checkFolders(settings);
    }

    /** @throws SettingException that names each setting that is missing or unfit, and how to make one */
    static void check(Settings settings) {
        var missing = new ArrayList<String>();
        if (!settings.isDev()) {
            demand(
                    missing,
                    settings,
                    "database.url",
                    "a PostgreSQL server, such as jdbc:postgresql://localhost:5432/metrika");
            if (settings.find("admin.tokens") == null) {
                demand(
                        missing,
                        settings,
                        "admin.token",
                        "what administrators identify themselves with, or admin.tokens for "
                                + "several; make one: openssl rand -hex 32");
            }
            demand(
                    missing,
                    settings,
                    "encryption.key",
                    "what Metrika tokens are encrypted with; make one: " + "openssl rand -base64 32");
            var keys = settings.find("encryption.key");
            if (keys != null && keys.split(",", 2)[0].strip().equals(KEY_OF_DEV)) {
                missing.add("encryption.key (ENCRYPTION_KEY) is, or begins with, the one of the profile dev, which"
                        + " everyone can read; make one: openssl rand -base64 32");
            }
        }
        try {
            new AdminTokens(settings.find("admin.token"), settings.find("admin.tokens"));
        } catch (SettingException e) {
            missing.add(e.getMessage());
        }
        if (!missing.isEmpty()) {
            throw new SettingException("The profile %s%s needs:%n  - %s"
                    .formatted(
                            settings.profile(),
                            settings.isProdForWantOfDev()
                                    ? " (no other is chosen, and application-dev.properties is not here)"
                                    : "",
                            String.join(System.lineSeparator() + "  - ", missing)));
        }
    }

    /**
     * Spans of time that only SQL reads would fail there, each time anew and long after the start. Where zero would
     * mean for ever, or that nothing is waited for that has to be, they have bounds.
     *
     * @throws SettingException that names the setting, its value and what is expected
     */
    static void checkSpans(Settings settings) {
        settings.number("metrika.calls-at-once", 1, 1000);
        settings.number("metrika.calls-per-second", 1, 100_000);
        settings.number("metrika.calls-per-day", 25, 100_000_000);
        for (var name : List.of(
                "upload.lease",
                "upload.settle",
                "poll.give-up",
                "retention.completed",
                "retention.error",
                "retention.batches")) {
            settings.checkSpan(name, settings.text(name));
        }
        settings.duration("upload.lease", SHORTEST_LEASE, LONGEST_WAIT); // renew-leases comes round every two seconds
        settings.duration("pull.lease", Duration.ofSeconds(3), LONGEST_WAIT); // so does renew-cursors
        settings.duration("upload.settle", Duration.ofSeconds(1), Duration.ofDays(1));
        settings.duration("metrika.connect-timeout", Duration.ofSeconds(1), LONGEST_WAIT);
        settings.duration("metrika.response-timeout", Duration.ofSeconds(1), LONGEST_WAIT);
        // A key that is forgotten stores what comes again: senders are promised a month
        var batches = settings.text("retention.batches");
        if (days(batches) < MIN_DAYS_OF_BATCHES) {
            throw new SettingException(
                    "retention.batches is '%s': at least P%dD is expected, since a request may be repeated "
                                    .formatted(batches, MIN_DAYS_OF_BATCHES)
                            + "with its Idempotency-Key a month later");
        }
        var relink = settings.find("upload.relink");
        if (relink != null) {
            for (var age : relink.split(",", -1)) {
                settings.checkSpan("upload.relink", age.strip());
                if (NO_TIME.matcher(age.strip()).matches()) {
                    throw new SettingException(
                            "upload.relink is '%s': ages above zero are expected, such as P1D".formatted(age.strip()));
                }
            }
        }
    }

    /** About how many days a span has, a year and a month taken at their shortest. */
    private static long days(String span) {
        var time = span.indexOf('T');
        var date = Period.parse(time < 0 ? span : time == 1 ? "P0D" : span.substring(0, time));
        return date.getYears() * 365L
                + date.getMonths() * 28L
                + date.getDays()
                + (time < 0 ? 0 : Duration.parse("P" + span.substring(time)).toDays());
    }

    /**
     * The rules of conversions, before anything is begun.
     *
     * @throws SettingException that names the setting, its value and what is expected
     */
    static void checkRules(Settings settings) {
        RuleSettings.of(settings);
        settings.timeZone("webhooks.default-time-zone");
    }

    /**
     * Camel's management server logs that its port is taken, and goes on without.
     *
     * @throws SettingException when health and metrics would have no port to be asked at
     */
    static void checkManagementPort(Settings settings) {
        var host = settings.text("management.host");
        var port = (int) settings.number("management.port", 1, 65535);
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new SettingException(
                    "Cannot listen on %s:%d (management.host, management.port): the address is taken or not "
                                    .formatted(host, port)
                            + "this machine's");
        }
    }

    /** @throws SettingException when a setting that has to be a URL is none */
    static void checkUrls(Settings settings) {
        for (var name : List.of("metrika.url", "public.url")) {
            var value = settings.find(name);
            if (value != null && !isUrl(value)) {
                throw new SettingException("%s is '%s': a URL such as https://conversions.example.com is expected"
                        .formatted(name, settings.quote(name, value)));
            }
        }
    }

    static boolean isUrl(String value) {
        try {
            var url = new URI(value);
            return url.getHost() != null && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /**
     * @param wanted who asks for the simulator of Metrika, for people
     * @throws SettingException when its jar is not there, as in an installation
     */
    static void checkSimulator(String wanted) {
        try {
            Class.forName("metrika.simulator.Simulator", false, StartupChecks.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new SettingException("%s needs the simulator of Metrika, which is not in lib-dev/: ".formatted(wanted)
                    + "an installation has none. Give metrika.url, or start from a build");
        }
    }

    /** @throws SettingException when a folder that the product writes to cannot be written to */
    static void checkFolders(Settings settings) {
        var temporary = System.getProperty("java.io.tmpdir");
        checkFolder(
                "The folder for temporary files is '%s' (java.io.tmpdir)".formatted(temporary),
                Path.of(temporary),
                "give another one with java -Djava.io.tmpdir=");
        if (settings.isDev() && settings.find("database.url") == null) {
            var data = settings.text("data.directory");
            checkFolder("data.directory is '%s'".formatted(data), Path.of(data), "give another one, or a database.url");
        }
        if (settings.isDev() && settings.find("metrika.url") == null) {
            checkSimulator("The profile dev without metrika.url");
            var directory = settings.find("simulator.directory");
            checkFolder(
                    "simulator.directory is '%s'".formatted(directory),
                    directory == null ? SimulatorSettings.defaults().directory() : Path.of(directory),
                    "give another one, or a metrika.url");
        }
    }

    private static void checkFolder(String what, Path folder, String wayOut) {
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, "writable", null));
        } catch (IOException e) {
            throw new SettingException("%s, which cannot be written to: %s".formatted(what, wayOut));
        }
    }

    static void demand(List<String> missing, Settings settings, String name, String purpose) {
        if (settings.find(name) == null) {
            missing.add("%s (%s) is not set: %s".formatted(name, Settings.variable(name), purpose));
        }
    }
}
