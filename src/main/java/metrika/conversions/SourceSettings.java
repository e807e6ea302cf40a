package metrika.conversions;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import metrika.conversions.auth.SignatureRefusals;
import metrika.conversions.check.CredentialCheck;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;
import metrika.conversions.sources.TemplatedSources;

/** Whether sources that are switched on have the settings that they need. */
final class SourceSettings {

    /** What a source cannot do without, where it has a line for it. */
    private static final Set<String> NEEDED_OF_SOURCES = Set.of(
            "webhook",
            "host",
            "port",
            "protocol",
            "directory",
            "username",
            "known-hosts-file",
            "brokers",
            "topic",
            "group",
            "dead-letter-topic",
            "folder",
            "done-folder",
            "failed-folder",
            "secret",
            "senders");

    private static final String PREFIX = "inbound.";
    private static final String ENABLED = ".enabled";

    private SourceSettings() {}

    /**
     * A source that is switched on and not told what it takes, or from where, would be found to do nothing only by
     * whoever waits for its conversions.
     *
     * @return what is missing or wrong, by the names of those sources that are switched on
     */
    static Map<String, List<String>> faults(Settings settings) {
        var faults = new TreeMap<>(missing(settings));
        wrong(settings).forEach((name, wrong) -> {
            if (TemplatedSources.isOn(settings, name)) {
                faults.computeIfAbsent(name, missing -> new ArrayList<>()).addAll(wrong);
            }
        });
        return faults;
    }

    /** What is missing, by the names of those sources that are switched on. */
    static Map<String, List<String>> missing(Settings settings) {
        var faults = new TreeMap<String, List<String>>();
        for (var name : names(settings)) {
            var found = new ArrayList<String>();
            try {
                if (settings.flag(PREFIX + name + ENABLED)) {
                    check(settings, PREFIX + name + ENABLED, found);
                }
            } catch (SettingException e) {
                found.add(e.getMessage());
            }
            if (!found.isEmpty()) {
                faults.put(name, found);
            }
        }
        return faults;
    }

    /** The values that cannot be what they are meant to be, by the names of all sources. */
    static Map<String, List<String>> wrong(Settings settings) {
        var faults = new TreeMap<String, List<String>>();
        for (var name : names(settings)) {
            var isRead = settings.names(PREFIX + name + ".").stream().allMatch(each -> settings.fault(each) == null);
            var found = isRead
                    ? SourceValues.faults(settings, name, settings.find(PREFIX + name + ".type"))
                    : List.<String>of();
            if (!found.isEmpty()) {
                faults.put(name, found);
            }
        }
        return faults;
    }

    /** Where the signature of a source is set up. */
    static SignatureRefusals.Places signature(Settings settings, String name) {
        var source = PREFIX + name + ".";
        var kind = settings.find(source + "type");
        if (kind != null && settings.isKnown("inbound.%s.signature-secret".formatted(kind))) {
            return new SignatureRefusals.Places(source + "signature-secret", source + "signed-text");
        }
        var keys = settings.names(source).stream()
                .filter(CredentialCheck::isCredential)
                .toList();
        return new SignatureRefusals.Places(
                keys.isEmpty() ? "secretKey or signature-key of its route" : String.join(" or ", keys),
                "signedText or signed-text of its route");
    }

    private static List<String> names(Settings settings) {
        return settings.names(PREFIX).stream()
                .filter(setting -> setting.endsWith(ENABLED))
                .map(setting -> setting.substring(PREFIX.length(), setting.length() - ENABLED.length()))
                .toList();
    }

    /** The settings of sources, switched on or not, that need a file, a variable or a secret that is not there. */
    static List<String> unresolved(Settings settings) {
        return settings.names(PREFIX).stream()
                .filter(name -> settings.fault(name) != null)
                .toList();
    }

    private static void check(Settings settings, String enabled, List<String> missing) {
        var source = enabled.substring(0, enabled.length() - "enabled".length());
        for (var setting : settings.names(source)) {
            var fault = settings.fault(setting);
            if (fault == null && setting.endsWith(".schedule")) {
                fault = Schedules.fault(settings, setting);
            }
            if (fault != null) {
                missing.add(fault);
            }
        }
        if (!missing.isEmpty()) {
            return;
        }
        var kind = settings.find(source + "type");
        Predicate<String> isKnown = name -> settings.isKnown(source + name)
                || kind != null && settings.isKnown("inbound.%s.%s".formatted(kind, name));
        UnaryOperator<String> find = name -> TemplatedSources.find(settings, nameOf(source), kind, name);
        var isLoginOptional = PullSettings.isLoginOptional(kind) && find.apply("username") == null;
        Stream.concat(NEEDED_OF_SOURCES.stream(), PullSettings.needed(kind).stream())
                .filter(isKnown)
                .filter(name -> !(isLoginOptional && name.equals("username")))
                .filter(name -> find.apply(name) == null)
                .sorted()
                .forEach(name -> StartupChecks.demand(missing, settings, source + name, enabled + " is true"));
        if (!isLoginOptional
                && isKnown.test("password")
                && find.apply("password") == null
                && find.apply("private-key-file") == null) {
            missing.add("%spassword (%s) is not set%s: %s is true"
                    .formatted(
                            source,
                            Settings.variable(source + "password"),
                            isKnown.test("private-key-file") ? ", nor is " + source + "private-key-file" : "",
                            enabled));
        }
        if (SourceValues.signature(settings, nameOf(source), kind).isSigned()) {
            StartupChecks.demand(missing, settings, source + "signature-secret", "with it the sender signs");
        }
        var protocol = settings.find(source + "security-protocol");
        if (protocol != null && protocol.startsWith("SASL")) {
            StartupChecks.demand(
                    missing, settings, source + "sasl-jaas-config", source + "security-protocol is " + protocol);
        }
    }

    /** @param source what the names of its settings begin with */
    private static String nameOf(String source) {
        return source.substring(PREFIX.length(), source.length() - 1);
    }
}
