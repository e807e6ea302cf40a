package metrika.conversions.settings;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.PropertiesSource;

/**
 * Replaces Camel's placeholders in the values of settings, for what Java reads before Camel is there: other settings,
 * <code>{{env:…}}</code>, <code>{{sys:…}}</code>, <code>{{file:…}}</code> and the functions of vaults whose jars are on
 * the class path.
 */
final class Placeholders {

    /** The name of another setting, without a function, a default or quotes. */
    private static final Pattern NAME = Pattern.compile("\\{\\{([a-z0-9.-]+)}}");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{.+?}}", Pattern.DOTALL);

    private final UnaryOperator<String> lines;
    /** What was found, by the text that asks for it: files and vaults are read once. */
    private final Map<String, String> found = new ConcurrentHashMap<>();

    private PropertiesComponent camel;

    /** @param lines the settings' values as they stand, {@code null} for what is not there */
    Placeholders(UnaryOperator<String> lines) {
        this.lines = lines;
    }

    static boolean isIn(String value) {
        return value.contains("{{") && PLACEHOLDER.matcher(value).find();
    }

    /**
     * Replaces them.
     *
     * @param name of the setting, for the message of a failure, which quotes no value
     */
    String replace(String name, String value) {
        return isIn(value) ? found.computeIfAbsent(value, text -> resolve(name, text)) : value;
    }

    private synchronized String resolve(String name, String text) {
        try {
            var plain = plain(text);
            if (plain != null) {
                return plain;
            }
            if (camel == null) {
                camel = camel();
            }
            return camel.parseUri(text);
        } catch (RuntimeException e) {
            throw new SettingException(
                    "%s is %s, which cannot be resolved: %s".formatted(name, placeholders(text), reason(e)));
        }
    }

    /**
     * The text when all that it needs is other settings, as they stand; {@code null} when it takes Camel to read it.
     */
    private String plain(String text) {
        var names = NAME.matcher(text);
        var replaced = new StringBuilder();
        while (names.find()) {
            var value = lines.apply(names.group(1));
            if (value == null || isIn(value)) {
                return null;
            }
            names.appendReplacement(replaced, Matcher.quoteReplacement(value));
        }
        names.appendTail(replaced);
        return isIn(replaced.toString()) ? null : replaced.toString();
    }

    /** The placeholders of a text, without what stands around them. */
    private static String placeholders(String text) {
        return String.join(
                " and ",
                PLACEHOLDER.matcher(text).results().map(found -> found.group()).toList());
    }

    /** Camel's own messages quote values, that of a setting of ours does not. */
    private static String reason(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SettingException) {
                return cause.getMessage();
            }
        }
        return "there is no such setting, variable or secret";
    }

    private PropertiesComponent camel() {
        var component = (PropertiesComponent) new DefaultCamelContext().getPropertiesComponent();
        // These are among the lines, with letters that the locale does not have
        component.setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_NEVER);
        component.setSystemPropertiesMode(PropertiesComponent.SYSTEM_PROPERTIES_MODE_NEVER);
        component.addPropertiesSource(new PropertiesSource() {
            @Override
            public String getName() {
                return "settings";
            }

            @Override
            public String getProperty(String name) {
                return lines.apply(name);
            }
        });
        return component;
    }
}
