package metrika.conversions;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

import metrika.conversions.access.Admins;

/** What has to be given before the product starts outside a developer's machine. All that is missing is told at once. */
final class Preflight {

    /** The key that stands in {@code application-dev.properties}, for everyone to read. */
    private static final String KEY_OF_DEV = "ZGV2IG9ubHk6IGtub3duIHRvIGV2ZXJ5b25lISEhISE=";

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
