package metrika.conversions;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import metrika.conversions.access.Admins;

/** What has to be given before the product starts outside a developer's machine. All that is missing is told at once. */
final class Preflight {

    /** The key that stands in {@code application-dev.properties}, for everyone to read. */
    private static final String KEY_OF_DEV = "ZGV2IG9ubHk6IGtub3duIHRvIGV2ZXJ5b25lISEhISE=";

    /** What a source cannot do without, where it has a line for it. */
    private static final Set<String> NEEDED_OF_SOURCES = Set.of("webhook", "host", "port", "protocol", "directory", "username",
            "known-hosts-file", "brokers", "topic", "group", "dead-letter-topic", "folder", "done-folder", "failed-folder", "senders");

    private Preflight() {
    }

    /** @throws SettingException that names each setting that is missing or unfit, and how to make one */
    static void check(Settings settings) {
        var missing = new ArrayList<String>();
        if (!settings.isDev()) {
            demand(missing, settings, "database.url", "a PostgreSQL server, such as jdbc:postgresql://localhost:5432/metrika");
            if (settings.find("admin.tokens") == null) {
                demand(missing, settings, "admin.token", "what administrators identify themselves with, or admin.tokens for "
                        + "several; make one: openssl rand -hex 32");
            }
            demand(missing, settings, "encryption.key", "what Metrika tokens are encrypted with; make one: "
                    + "openssl rand -base64 32");
            var keys = settings.find("encryption.key");
            if (keys != null && keys.split(",", 2)[0].strip().equals(KEY_OF_DEV)) {
                missing.add("encryption.key (ENCRYPTION_KEY) is, or begins with, the one of the profile dev, which everyone can read; "
                        + "make one: openssl rand -base64 32");
            }
        }
        try {
            new Admins(settings.find("admin.token"), settings.find("admin.tokens"));
        } catch (SettingException e) {
            missing.add(e.getMessage());
        }
        if (!missing.isEmpty()) {
            throw new SettingException("The profile %s needs:%n  - %s".formatted(settings.profile(),
                    String.join(System.lineSeparator() + "  - ", missing)));
        }
    }

    /**
     * A source that is switched on and not told what it takes, or from where, would be found to do nothing only by whoever
     * waits for its conversions.
     *
     * @throws SettingException that names each setting that is empty, of all sources that are switched on
     */
    static void checkSources(Settings settings) {
        var missing = new ArrayList<String>();
        for (var enabled : settings.names("inbound.")) {
            if (enabled.endsWith(".enabled") && settings.flag(enabled)) {
                var source = enabled.substring(0, enabled.length() - "enabled".length());
                settings.names(source).stream().filter(name -> NEEDED_OF_SOURCES.contains(name.substring(source.length())))
                        .forEach(name -> demand(missing, settings, name, enabled + " is true"));
                if (settings.isKnown(source + "password") && settings.find(source + "password") == null
                        && settings.find(source + "private-key-file") == null) {
                    missing.add("%spassword (%s) is not set%s: %s is true".formatted(source, Settings.variable(source + "password"),
                            settings.isKnown(source + "private-key-file") ? ", nor is " + source + "private-key-file" : "", enabled));
                }
                var directory = settings.find(source + "directory");
                if (directory != null && directory.startsWith("/") && settings.isKnown(source + "known-hosts-file")) {
                    missing.add("%sdirectory (%s) is '%s', and begins at the user's own folder on the server, whatever stands before it: "
                            .formatted(source, Settings.variable(source + "directory"), directory)
                            + "leave the slash out, and go up from there with ../ if need be");
                }
                var dateTime = settings.find(source + "date-time");
                if (dateTime != null && !List.of("required", "now").contains(dateTime)) {
                    missing.add("%sdate-time (%s) is '%s': required or now is expected".formatted(source,
                            Settings.variable(source + "date-time"), dateTime));
                }
                var protocol = settings.find(source + "security-protocol");
                if (protocol != null && protocol.startsWith("SASL")) {
                    demand(missing, settings, source + "sasl-jaas-config", source + "security-protocol is " + protocol);
                }
            }
        }
        if (!missing.isEmpty()) {
            throw new SettingException("Sources that are switched on need:%n  - %s".formatted(
                    String.join(System.lineSeparator() + "  - ", missing)));
        }
    }

    /**
     * Spans of time that only SQL reads would fail there, each time anew and long after the start.
     *
     * @throws SettingException that names the setting, its value and what is expected
     */
    static void checkSpans(Settings settings) {
        for (var name : List.of("upload.lease", "upload.settle", "retention.completed", "retention.error")) {
            settings.checkSpan(name, settings.text(name));
        }
        var relink = settings.find("upload.relink");
        if (relink != null) {
            for (var age : relink.split(",", -1)) {
                settings.checkSpan("upload.relink", age.strip());
            }
        }
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
            throw new SettingException("Cannot listen on %s:%d (management.host, management.port): the address is taken or not "
                    .formatted(host, port) + "this machine's");
        }
    }

    private static void demand(List<String> missing, Settings settings, String name, String purpose) {
        if (settings.find(name) == null) {
            missing.add("%s (%s) is not set: %s".formatted(name, Settings.variable(name), purpose));
        }
    }
}
