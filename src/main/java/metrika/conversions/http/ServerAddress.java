package metrika.conversions.http;

import java.net.BindException;
import java.util.List;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/** Where a server listens: the settings {@code <name>.host} and {@code <name>.port}. */
record ServerAddress(String name, String host, int port) {

    static ServerAddress of(Settings settings, String name) {
        return new ServerAddress(name, settings.text(name + ".host"), (int) settings.number(name + ".port", 1, 65535));
    }

    /** As a person on this machine would call it. */
    String url(String scheme) {
        var isHere =
                List.of("127.0.0.1", "0.0.0.0", "::1", "::", "[::1]", "[::]").contains(host);
        return "%s://%s:%d"
                .formatted(
                        scheme,
                        isHere ? "localhost" : host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host,
                        port);
    }

    /** Why it cannot be listened on. */
    SettingException refusal(Throwable cause) {
        var reason =
                cause instanceof BindException ? "the address is taken or not this machine's" : String.valueOf(cause);
        return new SettingException(
                "Cannot listen on %s:%d (%s.host, %s.port): %s".formatted(host, port, name, name, reason));
    }
}
