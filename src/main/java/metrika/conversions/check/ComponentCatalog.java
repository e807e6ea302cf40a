package metrika.conversions.check;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.apache.camel.catalog.RuntimeCamelCatalog;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.tooling.model.BaseOptionModel;
import org.apache.camel.tooling.model.ComponentModel;
import org.apache.camel.tooling.model.JsonMapper;

import metrika.conversions.database.RepeatingJdbc;

/** What Camel's components that are there take, by the descriptions that each brings along. */
final class ComponentCatalog {

    private static final List<String> SHIPPED = List.of(
            "bean",
            "direct",
            "file",
            "ftp",
            "ftps",
            "http",
            "https",
            "imap",
            "imaps",
            "jdbc",
            "kafka",
            "kamelet",
            "log",
            "mock",
            "platform-http",
            "pop3",
            "pop3s",
            "quartz",
            "rest",
            "seda",
            "sftp",
            "smtp",
            "smtps",
            "timer");

    private static final String TIME = "(?i)([0-9]+(d|h|m|s|ms)? *)+";

    /** Of a context that is never started, and so holds nothing that would have to be closed. */
    private final RuntimeCamelCatalog catalog = PluginHelper.getRuntimeCamelCatalog(new DefaultCamelContext());

    private final Map<String, Optional<ComponentModel>> known = new HashMap<>();

    /** Whether there is a component of a scheme. */
    boolean has(String scheme) {
        return of(scheme).isPresent();
    }

    /** What is wrong with an option, if anything. A value with a placeholder may be anything. */
    Optional<String> fault(String scheme, String option, String value) {
        var component = of(scheme).orElseThrow();
        var options = component.getEndpointParameterOptions();
        var found = options.stream().filter(each -> isNamed(each, option)).findFirst();
        if (scheme.equals("jdbc") && option.equals(RepeatingJdbc.STATEMENT)) {
            return Optional.empty();
        }
        if (found.isEmpty()) {
            return component.isLenientProperties()
                    ? Optional.empty()
                    : Optional.of("the component %s has no option %s%s"
                            .formatted(
                                    scheme,
                                    option,
                                    NearMiss.question(
                                            option,
                                            options.stream()
                                                    .map(BaseOptionModel::getName)
                                                    .toList())));
        }
        var kind = kindFault(found.get(), option, value);
        if (kind.isPresent()) {
            return kind;
        }
        List<String> choice = found.get().getEnums();
        return choice == null || value.contains("{{") || choice.stream().anyMatch(value::equalsIgnoreCase)
                ? Optional.empty()
                : Optional.of("%s is '%s': one of %s is expected".formatted(option, value, String.join(", ", choice)));
    }

    /** Numbers and yes or no; what a bean or a setting gives may be anything. */
    private static Optional<String> kindFault(BaseOptionModel option, String name, String value) {
        var wanted =
                switch (option.getType()) {
                    case "integer" -> value.matches("-?[0-9]+") || isTime(option, value) ? null : "a number";
                    case "boolean" -> value.matches("(?i)true|false") ? null : "true or false";
                    default -> null;
                };
        return wanted == null || value.contains("{{") || value.startsWith("#")
                ? Optional.empty()
                : Optional.of("%s is '%s': %s is expected".formatted(name, value, wanted));
    }

    /** Camel reads a long number of milliseconds as people write a time, whatever the option stands for. */
    private static boolean isTime(BaseOptionModel option, String value) {
        return option.getJavaType().matches("long|java\\.lang\\.Long") && value.matches(TIME);
    }

    /** The schemes of the components that come with this product. */
    List<String> names() {
        return SHIPPED;
    }

    private static boolean isNamed(BaseOptionModel option, String name) {
        return option.getName().equals(name)
                || option.isMultiValue() && option.getPrefix() != null && name.startsWith(option.getPrefix());
    }

    private Optional<ComponentModel> of(String scheme) {
        return known.computeIfAbsent(
                scheme,
                missing -> Optional.ofNullable(catalog.componentJSonSchema(scheme))
                        .map(JsonMapper::generateComponentModel));
    }
}
