package metrika.conversions.sources;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteTemplateDefinition;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/**
 * Sources that are lines of settings and no file of their own: {@code inbound.<name>.type} names the kind, such as
 * {@code sftp-drop}, whose route template {@code in-<kind>} becomes the route {@code in-<name>}. Its parameters are the
 * other lines, {@code inbound.<name>.*}, and for those that are missing the kind's own, {@code inbound.<kind>.*}.
 */
public final class TemplatedSources {

    private static final String PREFIX = "inbound.";
    private static final String TYPE = ".type";
    /** The parameter that is the source's name. */
    public static final String SOURCE = "source";
    /** What the kinds do not lend to each other. */
    private static final String WEBHOOK = "webhook";

    private TemplatedSources() {}

    /** All sources of a kind, switched on or not: their names, with the kinds. */
    public static Map<String, String> kinds(Settings settings) {
        var kinds = new TreeMap<String, String>();
        for (var setting : settings.names("inbound")) {
            if (setting.startsWith(PREFIX) && setting.endsWith(TYPE)) {
                var name = setting.substring(PREFIX.length(), setting.length() - TYPE.length());
                var kind = settings.find(setting);
                if (kind != null && !name.contains(".")) {
                    kinds.put(name, kind);
                }
            }
        }
        return kinds;
    }

    /** Whether a source is switched on. */
    public static boolean isOn(Settings settings, String name) {
        return "true".equals(settings.find(PREFIX + name + ".enabled"));
    }

    /**
     * Adds the route of a source. To be called when the templates are there.
     *
     * @throws SettingException when there is no such kind
     */
    public static void add(CamelContext context, Settings settings, String name, String kind) {
        var template = context.getCamelContextExtension()
                .getContextPlugin(Model.class)
                .getRouteTemplateDefinition("in-" + kind);
        if (template == null) {
            throw new SettingException(
                    "inbound.%s.type is '%s': there is no route template in-%s in routes/".formatted(name, kind, kind));
        }
        add(context, template, name, setting -> find(settings, name, kind, setting));
    }

    /**
     * Adds a route of a template.
     *
     * @param settings says what the source's settings are, {@code null} for those that are not given
     */
    public static void add(
            CamelContext context, RouteTemplateDefinition template, String name, UnaryOperator<String> settings) {
        var builder = TemplatedRouteBuilder.builder(context, template.getId()).routeId("in-" + name);
        template.getTemplateParameters().forEach(parameter -> {
            var value = parameter.getName().equals(SOURCE) ? name : settings.apply(parameter.getName());
            var missing = parameter.getDefaultValue() == null ? "" : parameter.getDefaultValue();
            builder.parameter(parameter.getName(), value == null ? missing : value);
        });
        builder.add();
    }

    /** What a setting of a source says, be it its own or its kind's; {@code null} when it is not given or empty. */
    public static String find(Settings settings, String name, String kind, String setting) {
        var own = settings.find(PREFIX + name + "." + setting);
        return own != null || kind == null || setting.equals(WEBHOOK)
                ? own
                : settings.find(PREFIX + kind + "." + setting);
    }
}
