package metrika.conversions.logging;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

import metrika.conversions.problem.AskedServer;
import metrika.conversions.problem.HasProblem;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;
import metrika.conversions.steps.FailedCheck;

/** Sets the log up as the settings {@code log.*} say. */
public final class LoggingConfig {

    /** Settings whose values are secrets: each part of one that lists several. */
    private static final List<String> SECRET = List.of(
            "admin.token",
            "admin.tokens",
            "encryption.key",
            "encryption.keys",
            "database.password",
            "notify.secret",
            "notify.mail.password",
            "notify.telegram.token");

    /** The same, each of which is one text: what it consists of stands elsewhere too. */
    private static final List<String> SECRET_AS_A_WHOLE = List.of("notify.url");

    /** How the settings of sources and their databases end whose values are secrets. */
    private static final List<String> SECRET_ENDINGS = List.of("password", "passphrase", "secret", ".token");

    private static final int MIN_CHARACTERS = 8;
    private static final int MAX_CAUSES = 20;
    private static final int MAX_QUOTED = 300;

    private LoggingConfig() {}

    /**
     * To be called once the settings are known and before anything of them is used.
     *
     * @throws SettingException when a setting is not one of those that there are
     */
    public static void configure(Settings settings) {
        var passwords = Stream.concat(settings.names("inbound.").stream(), settings.names("data-source.").stream())
                .filter(name -> SECRET_ENDINGS.stream().anyMatch(name::endsWith))
                .filter(name -> settings.fault(name) == null) // which is told of with its source
                .map(settings::find)
                .filter(Objects::nonNull);
        var secrets = Stream.concat(
                        Stream.concat(
                                passwords,
                                SECRET_AS_A_WHOLE.stream().map(settings::find).filter(Objects::nonNull)),
                        SECRET.stream()
                                .map(settings::find)
                                .filter(value -> value != null)
                                .flatMap(value -> Stream.concat(
                                        Stream.of(value),
                                        Stream.of(value.split("[,;\\s]+"), value.split("[,;:=\\s]+"))
                                                .flatMap(Arrays::stream))))
                .filter(value -> value.length() >= MIN_CHARACTERS)
                .toList();
        var withhold = settings.flag("log.withhold");
        if (!withhold && !settings.isDev()) {
            throw new SettingException(
                    "log.withhold is false: what libraries and the log steps of routes say may quote "
                            + "conversions. It can be shown in the profile dev only");
        }
        Redaction.configure(secrets, withhold);
        RedactingEncoder.setJson(isJson(settings));
        if (!settings.flag("log.requests")) {
            level("metrika.conversions.http.RequestLog", Level.WARN);
        }
        // Camel's words about a file that failed: the route has said why already
        level("org.apache.camel.component.file.GenericFileOnCompletion", Level.ERROR);
        for (var logger : settings.names("log.level.")) {
            level(logger.substring("log.level.".length()), level(settings, logger));
        }
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        Logger uncaught = LoggerFactory.getLogger("metrika.conversions.logging.Uncaught");
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) ->
                uncaught.error("The thread {} ended with an exception", thread.getName(), failure));
    }

    /**
     * Why something failed, in a line that quotes nothing of what was sent: the problem it is, or else what its causes
     * say.
     */
    public static String reason(Throwable failure) {
        var told = new LinkedHashSet<String>();
        var last = failure;
        for (int depth = 0; last != null && depth < MAX_CAUSES; depth++) {
            var message = Redaction.message(last, "");
            if (last instanceof HasProblem) {
                return String.valueOf(message);
            } else if (last instanceof FailedCheck) {
                return last.getMessage();
            } else if (last instanceof HttpOperationFailedException refused) {
                return AskedServer.refusal(refused);
            }
            if (message != null && !message.endsWith(Redaction.WITHHELD)) {
                told.add(last.getClass().getSimpleName() + ": " + message.replaceAll("\\R", " "));
            }
            if (last.getCause() == null) {
                break;
            }
            last = last.getCause();
        }
        return told.isEmpty() ? last.getClass().getSimpleName() : String.join("; ", told);
    }

    /** A text without what looks like a credential, or is a known one: for what is shown elsewhere than in the log. */
    public static String withoutSecrets(String text) {
        return Redaction.strike(text);
    }

    /**
     * How an answer begins, after a colon, where the log may quote what others send; else nothing. For failures of what
     * has to be asked.
     */
    public static String beginning(byte[] answer) {
        var text = new String(answer, 0, Math.min(answer.length, MAX_QUOTED), StandardCharsets.UTF_8);
        var line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        return Redaction.isWithholding() || line.isEmpty() ? "" : ": " + withoutSecrets(line);
    }

    private static boolean isJson(Settings settings) {
        var format = settings.text("log.format");
        return switch (format) {
            case "json" -> true;
            case "text" -> false;
            default -> throw new SettingException("log.format is '%s': text or json is expected".formatted(format));
        };
    }

    private static Level level(Settings settings, String name) {
        var level = Level.toLevel(settings.text(name).toUpperCase(Locale.ROOT), null);
        if (level == null) {
            throw new SettingException("%s is '%s': trace, debug, info, warn, error or off is expected"
                    .formatted(name, settings.text(name)));
        }
        return level;
    }

    private static void level(String logger, Level level) {
        ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(logger)).setLevel(level);
    }
}
