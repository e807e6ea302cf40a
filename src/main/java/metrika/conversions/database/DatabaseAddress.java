package metrika.conversions.database;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

import metrika.conversions.settings.SettingException;

/**
 * Where the database is, as the driver takes it.
 *
 * @param url such as {@code jdbc:postgresql://localhost:5432/metrika}; no user or password before an {@code @}
 * @param user {@code null}: the one that the URL names, or else that of the operating system
 * @param password {@code null}: none
 */
record DatabaseAddress(String url, String user, String password) {

    private static final String HOST = "(?:\\[[0-9A-Fa-f:.]+]|[^/?@:,\\[\\]]+)(?::\\d{1,5})?";
    /** The forms in which hosting companies hand addresses out, and the driver's own. */
    private static final Pattern FORM = Pattern.compile(("(?:jdbc:)?postgres(?:ql)?://(?:(?<login>[^/?@]*)@)?"
                    + "(?<hosts>HOST(?:,HOST)*)?(?:/(?<name>[^?]*))?(?:\\?(?<parameters>.*))?")
            .replace("HOST", HOST));
    /** Parameters of libpq that the driver knows by another name. */
    private static final Map<String, String> NAMES =
            Map.of("application_name", "ApplicationName", "connect_timeout", "connectTimeout");

    /**
     * Reads {@code database.url}: {@code jdbc:postgresql://host:port/database}, or
     * {@code postgres://user:password@host:port/database}.
     *
     * @param user of {@code database.user}; {@code null}: the one in the URL
     * @param password of {@code database.password}; {@code null}: the one in the URL
     * @throws SettingException when it is neither
     */
    static DatabaseAddress of(String url, String user, String password) {
        if (url.startsWith("jdbc:postgresql:") && !url.startsWith("jdbc:postgresql://")) {
            return new DatabaseAddress(url, user, password); // the driver's short form: a database on this machine
        }
        var parts = FORM.matcher(url);
        if (!parts.matches()) {
            throw notOne();
        }
        var login = parts.group("login") == null
                ? new String[0]
                : parts.group("login").split(":", 2);
        var hosts = parts.group("hosts") == null ? "" : parts.group("hosts"); // this machine
        var name = parts.group("name") == null ? "" : parts.group("name");
        var parameters = parts.group("parameters") == null ? "" : "?" + inNamesOfDriver(parts.group("parameters"));
        return new DatabaseAddress(
                "jdbc:postgresql://" + hosts + "/" + name + parameters,
                user == null && login.length > 0 ? decoded(login[0]) : user,
                password == null && login.length > 1 ? decoded(login[1]) : password);
    }

    /** The server and the database, without user, password and parameters: for messages. */
    String shown() {
        var end = url.indexOf('?');
        return (end < 0 ? url : url.substring(0, end)).replaceFirst("^jdbc:", "");
    }

    private static String inNamesOfDriver(String query) {
        var named = query;
        for (var name : NAMES.entrySet()) {
            named = named.replaceAll("(^|&)" + name.getKey() + "=", "$1" + name.getValue() + "=");
        }
        return named;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) { // its message quotes the password
            throw notOne();
        }
    }

    private static SettingException notOne() {
        return new SettingException("database.url is not an address of a PostgreSQL server. It is written"
                + " jdbc:postgresql://HOST:5432/DATABASE or postgresql://USER:PASSWORD@HOST:5432/DATABASE; in USER and"
                + " PASSWORD the characters @ / ? : % are written %40 %2F %3F %3A %25");
    }
}
