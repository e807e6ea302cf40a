package metrika.conversions.sources;

import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

import metrika.conversions.auth.WebhookRepository;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.settings.Settings;

/**
 * Whether the webhooks that sources name are there. A source without one stores nothing of what it takes, and is most
 * often a setting that was copied from another installation.
 */
public final class SourceWebhooks {

    private static final String PREFIX = "inbound.";
    private static final String WEBHOOK = ".webhook";
    private static final int NOT_FOUND = 404;

    private final Settings settings;
    private final WebhookRepository webhooks;

    public SourceWebhooks(Settings settings, WebhookRepository webhooks) {
        this.settings = settings;
        this.webhooks = webhooks;
    }

    /**
     * What is wrong, by the ids of the routes of sources that are switched on. Nothing while the database cannot be
     * asked, which is told of elsewhere.
     */
    public Map<String, String> missing() {
        var missing = new TreeMap<String, String>();
        for (var setting : settings.names(PREFIX)) {
            var name = setting.endsWith(WEBHOOK)
                    ? setting.substring(PREFIX.length(), setting.length() - WEBHOOK.length())
                    : "";
            if (!name.isEmpty() && settings.fault(setting) == null && TemplatedSources.isOn(settings, name)) {
                try {
                    var id = settings.find(setting);
                    if (id != null && !isThere(id)) {
                        missing.put(
                                "in-" + name,
                                "there is no webhook %s: create one, and correct %s (%s)"
                                        .formatted(id, setting, Settings.variable(setting)));
                    }
                } catch (SQLException e) {
                    return missing;
                }
            }
        }
        return missing;
    }

    private boolean isThere(String id) throws SQLException {
        try {
            return webhooks.of(id) != null;
        } catch (ProblemException e) {
            return e.status() != NOT_FOUND; // one that is disabled is there
        }
    }
}
