package metrika.conversions;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import metrika.conversions.auth.StandardWebhooks;
import metrika.conversions.channels.NewsText;
import metrika.conversions.outbound.PublicAddress;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/** Whether channels that are switched on have the settings that they need. */
final class NotifySettings {

    static final String ALLOW_PRIVATE = "notify.allow-private-addresses";
    static final String LANGUAGE = "notify.language";

    private static final String URL = "notify.url";
    private static final String SECRET = "notify.secret";
    private static final String CHAT = "notify.telegram.chat";
    private static final String MAIL = "notify.mail.to";
    private static final Pattern PROXY = Pattern.compile("(?:[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+]):[0-9]{1,5}");

    private NotifySettings() {}

    /** @throws SettingException with all that is missing or wrong: what nobody is told would not be missed */
    static void check(Settings settings) {
        var missing = new ArrayList<String>();
        var isPrivateAllowed = settings.flag(ALLOW_PRIVATE);
        settings.flag("notify.batches");
        settings.checkSpan("notify.give-up", settings.text("notify.give-up"));
        if (!NewsText.LANGUAGES.contains(settings.text(LANGUAGE))) {
            missing.add("%s is '%s': %s is expected"
                    .formatted(LANGUAGE, settings.text(LANGUAGE), String.join(" or ", NewsText.LANGUAGES)));
        }
        checkWebhook(settings, isPrivateAllowed, missing);
        if (settings.find(CHAT) != null) {
            checkTelegram(settings, missing);
        }
        if (settings.find(MAIL) != null) {
            for (var name : List.of("notify.mail.host", "notify.mail.port", "notify.mail.from")) {
                StartupChecks.demand(missing, settings, name, MAIL + " is given");
            }
            var protocol = settings.text("notify.mail.protocol");
            if (!protocol.equals("smtp") && !protocol.equals("smtps")) {
                missing.add("notify.mail.protocol is '%s': smtp or smtps is expected".formatted(protocol));
            }
            settings.flag("notify.mail.start-tls");
        }
        if (!missing.isEmpty()) {
            throw new SettingException("The channels of notify.* need:%n  - %s"
                    .formatted(String.join(System.lineSeparator() + "  - ", missing)));
        }
    }

    private static void checkWebhook(Settings settings, boolean isPrivateAllowed, List<String> missing) {
        var url = settings.find(URL);
        if (url == null) {
            return;
        }
        var fault = PublicAddress.fault(url, isPrivateAllowed);
        if (fault != null) { // which may hold a secret, and is not quoted
            missing.add("%s %s".formatted(URL, fault));
        }
        if (url.contains("'")) {
            missing.add(URL + " holds an apostrophe: write it as %27");
        }
        StartupChecks.demand(
                missing, settings, SECRET, URL + " is given; make one: echo whsec_$(openssl rand -base64 32)");
        var secrets = settings.find(SECRET);
        if (secrets != null) {
            for (var secret : secrets.split("\\s+")) {
                if (StandardWebhooks.key(secret) == null) {
                    missing.add(SECRET + " has to be whsec_ and base64 of 16 to 128 bytes, or several of these with"
                            + " blanks between them; make one: echo whsec_$(openssl rand -base64 32)");
                }
            }
        }
    }

    private static void checkTelegram(Settings settings, List<String> missing) {
        StartupChecks.demand(missing, settings, "notify.telegram.token", CHAT + " is given");
        var token = settings.find("notify.telegram.token");
        if (token != null && !token.matches("[0-9]+:[A-Za-z0-9_-]+")) {
            missing.add("notify.telegram.token has to be the token of a bot, as BotFather gives it");
        }
        var url = settings.find("notify.telegram.url");
        if (url == null || !StartupChecks.isUrl(url) || url.endsWith("/")) {
            missing.add(
                    "notify.telegram.url has to be a URL such as https://api.telegram.org, without a slash at its end");
        }
        var proxy = settings.find("notify.telegram.proxy");
        if (proxy != null && !PROXY.matcher(proxy).matches()) {
            missing.add("notify.telegram.proxy is '%s': HOST:PORT is expected"
                    .formatted(settings.quote("notify.telegram.proxy", proxy)));
        }
    }
}
