package metrika.conversions.settings;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.apache.camel.component.properties.PropertiesComponent;

/**
 * The settings of {@code application.properties} as Java sees them: the same files, names and precedence that Camel
 * uses for <code>{{placeholders}}</code> in routes.
 *
 * <p>Highest first: a Java system property, an environment variable (the name in capitals, {@code .} and {@code -} as
 * {@code _}), {@code application-<profile>.properties}, {@code application.properties}.
 */
public final class Settings {

    /** What PostgreSQL reads as an interval, of all that ISO 8601 allows: capitals, and nothing below zero. */
    private static final Pattern SPAN = Pattern.compile("P(?=.)(\\d{1,4}Y)?(\\d{1,4}M)?(\\d{1,4}W)?(\\d{1,5}D)?"
            + "(T(?=.)(\\d{1,6}H)?(\\d{1,7}M)?(\\d{1,9}(\\.\\d{1,6})?S)?)?");

    private static final String PROFILE = "camel.main.profile";
    private static final String DEV = "dev";
    private static final String PROD = "prod";

    private final Path directory;
    private final String profile;
    private final boolean isProdForWantOfDev;
    private final Properties files = new Properties();
    private final Placeholders placeholders = new Placeholders(this::line);

    private Settings(Path directory, String profile, Properties base) {
        this.directory = directory;
        this.profile = profile;
        files.putAll(base);
        var ofProfile = fileOf(directory, profile);
        if (Files.exists(ofProfile)) {
            files.putAll(read(ofProfile));
        }
        isProdForWantOfDev =
                PROD.equals(profile) && !PROD.equals(base.getProperty(PROFILE)) && !isGiven(override(PROFILE));
        files.put(PROFILE, profile);
        if (isDev()) {
            // Without an administrator's token nobody else may come near, whatever files were copied
            files.put("http.host", "127.0.0.1");
        }
    }

    private static Path fileOf(Path directory, String profile) {
        return directory.resolve("application-" + profile + ".properties");
    }

    /**
     * The profile of a start. What is copied to an installation must not run there as {@code dev} for want of a word:
     * unless an environment variable or a system property says so, it is {@code dev} only beside that profile's own
     * file.
     *
     * @param line the one of {@code application.properties}, may be {@code null}
     */
    private static String profile(Path directory, String line) {
        var given = override(PROFILE);
        if (isGiven(given)) {
            return given.strip();
        }
        var base = isGiven(line) ? line.strip() : DEV;
        return base.equals(DEV) && !Files.exists(fileOf(directory, DEV)) ? PROD : base;
    }

    /**
     * Reads the settings that apply in a directory.
     *
     * @param directory the one that holds {@code application.properties}
     * @throws SettingException when the file is missing or cannot be read
     */
    public static Settings in(Path directory) {
        var file = directory.resolve("application.properties");
        if (!Files.exists(file)) {
            throw new SettingException(
                    "application.properties is not in %s: start from the folder that holds it and routes/"
                            .formatted(directory.toAbsolutePath().normalize()));
        }
        var base = read(file);
        return new Settings(directory, profile(directory, base.getProperty(PROFILE)), base);
    }

    private static boolean isGiven(String value) {
        return value != null && !value.isBlank();
    }

    /** The profile that is running: {@code dev}, {@code prod}, or another of the installation's own. */
    public String profile() {
        return profile;
    }

    /** Whether the profile is {@code prod} because nobody has chosen one and the file of {@code dev} is not there. */
    public boolean isProdForWantOfDev() {
        return isProdForWantOfDev;
    }

    /** Whether conveniences that lose their innocence outside a developer's machine are on. */
    public boolean isDev() {
        return DEV.equals(profile);
    }

    /** The files that settings are read from; the one of the profile need not be there. */
    public List<Path> files() {
        return List.of(directory.resolve("application.properties"), fileOf(directory, profile));
    }

    /** The folder of {@code application.properties}; relative paths in settings start there. */
    public Path directory() {
        return directory;
    }

    /**
     * A setting's text, with its placeholders replaced and without surrounding blanks; {@code null} when it is not
     * given or empty.
     */
    public String find(String name) {
        var line = line(name);
        var value = line == null ? null : placeholders.replace(name, line);
        return isGiven(value) ? value.strip() : null;
    }

    /** A setting's text as it stands. */
    private String line(String name) {
        var value = override(name);
        return value != null ? value : files.getProperty(name);
    }

    /** What messages quote of a value: of one that comes from elsewhere, which may be a secret, where it comes from. */
    public String quote(String name, String value) {
        var line = line(name);
        return line != null && Placeholders.isIn(line) ? line.strip() : value;
    }

    /**
     * Camel, which reads most settings, does not say which one a file is missing for. Those of sources are left to
     * {@link #fault}: they stop nobody else.
     *
     * @throws SettingException that names the setting and the file
     */
    public void checkFiles() {
        files.stringPropertyNames().stream()
                .filter(name -> !name.startsWith("inbound.") && line(name).contains("{{file:"))
                .forEach(this::find);
    }

    /** Why a setting cannot be read, such as for a file that is missing; {@code null} when it can. */
    public String fault(String name) {
        try {
            find(name);
            return null;
        } catch (SettingException e) {
            return e.getMessage();
        }
    }

    /** Whether there is a line or a variable for a setting, be it empty. */
    public boolean isKnown(String name) {
        return override(name) != null || files.containsKey(name);
    }

    /** A setting's text. */
    public String text(String name) {
        var value = find(name);
        if (value == null) {
            throw new SettingException(
                    "%s is not set: give it in application.properties or as %s".formatted(name, variable(name)));
        }
        return value;
    }

    /** A whole number between two bounds, both included. */
    public long number(String name, long min, long max) {
        var value = text(name);
        try {
            var number = Long.parseLong(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // falls through to the one message that says what is expected
        }
        throw new SettingException(
                "%s is '%s': a whole number from %d to %d is expected".formatted(name, quote(name, value), min, max));
    }

    /** Whether something is on: {@code true} or {@code false}. */
    public boolean flag(String name) {
        var value = text(name);
        if (value.equals("true") || value.equals("false")) {
            return value.equals("true");
        }
        throw new SettingException("%s is '%s': true or false is expected".formatted(name, quote(name, value)));
    }

    /** A time zone's IANA name, such as {@code Europe/Moscow}. */
    public ZoneId timeZone(String name) {
        var value = text(name);
        if (!ZoneId.getAvailableZoneIds().contains(value)) {
            throw new SettingException(
                    "%s is '%s': an IANA name such as Europe/Moscow is expected".formatted(name, quote(name, value)));
        }
        return ZoneId.of(value);
    }

    /** The names of the settings that begin so, from the files and from system properties. */
    public List<String> names(String prefix) {
        return Stream.concat(
                        files.stringPropertyNames().stream(), System.getProperties().stringPropertyNames().stream())
                .filter(name -> name.startsWith(prefix))
                .distinct()
                .sorted()
                .toList();
    }

    /** An ISO 8601 duration such as {@code PT1M} or {@code P1D}, not negative. */
    public Duration duration(String name) {
        var value = text(name);
        try {
            var duration = Duration.parse(value);
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // falls through to the one message that says what is expected
        }
        throw new SettingException(
                "%s is '%s': an ISO 8601 duration such as PT1M or P1D is expected".formatted(name, quote(name, value)));
    }

    /** The same between two bounds, both included. */
    public Duration duration(String name, Duration min, Duration max) {
        var duration = duration(name);
        if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            throw new SettingException("%s is '%s': a duration from %s to %s is expected"
                    .formatted(name, quote(name, text(name)), min, max));
        }
        return duration;
    }

    /**
     * A span of time such as {@code PT1M} or {@code P1Y}, for SQL, which takes it as it stands.
     *
     * @param value one of those that the setting has
     */
    public void checkSpan(String name, String value) {
        if (!SPAN.matcher(value).matches()) {
            throw new SettingException("%s is '%s': an ISO 8601 duration such as PT1M or P1D is expected"
                    .formatted(name, quote(name, value)));
        }
    }

    /** Has Camel take settings of the environment from here, where Java, and so Camel, has lost letters of one. */
    public void repair(PropertiesComponent placeholders) {
        var given = files.stringPropertyNames().stream()
                .filter(name -> System.getenv(variable(name)) != null)
                .toList();
        if (given.stream().anyMatch(name -> Environment.isLost(variable(name)))) {
            placeholders.setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_FALLBACK);
            given.forEach(name -> placeholders.addOverrideProperty(name, Environment.get(variable(name))));
        }
    }

    /** The environment variable that overrides a setting. */
    public static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    private static String override(String name) {
        var value = System.getProperty(name);
        return value != null ? value : Environment.get(variable(name));
    }

    private static Properties read(Path file) {
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (CharacterCodingException e) {
            throw new SettingException("%s is not UTF-8: save it in that encoding".formatted(file));
        } catch (IOException e) {
            throw new SettingException("%s cannot be read: %s".formatted(file, ReadableFile.reason(file, e)));
        } catch (IllegalArgumentException e) {
            throw new SettingException("%s cannot be read: %s".formatted(file, e.getMessage()));
        }
        return properties;
    }
}
