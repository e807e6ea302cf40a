package metrika.conversions.intake;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.commons.text.similarity.LevenshteinDistance;

import metrika.conversions.text.StorableText;

/**
 * The goals of a counter, and what a target that is none of them may have been meant to be. A target is only called
 * missing when that is sure: what an automatic goal, a goal of several steps or a pattern may stand for is not.
 */
final class CounterGoals {

    /** Of a counter whose goals were not read: nothing is missing. */
    static final CounterGoals UNKNOWN = new CounterGoals(false);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ACTION = "action";
    /** Goals that people make, and that no event reaches. */
    private static final Set<String> PLAIN = Set.of("url", "number", "visit_duration");
    /** A word is like another one when so many letters are changed at most. */
    private static final int NEAR = 3;

    private static final int SUGGESTED = 3;
    private static final int LISTED = 5;

    private boolean isSure;
    /** What conversions may name. */
    private final Set<String> identifiers = new TreeSet<>();
    /** What conversions may name as well, for all that is known. */
    private final Set<String> possible = new HashSet<>();

    private final List<String> beginnings = new ArrayList<>();
    private final List<String> parts = new ArrayList<>();
    private final Map<String, Goal> byName = new HashMap<>();
    private final Map<String, Goal> byNumber = new HashMap<>();

    /** @param identifier the first one that it has, {@code null} when conversions cannot name it */
    private record Goal(String name, String type, String identifier) {}

    private CounterGoals(boolean isSure) {
        this.isSure = isSure;
    }

    /** @param json all goals of a counter, as {@code counter_check} has them; what is not such is {@link #UNKNOWN} */
    static CounterGoals of(String json) {
        try {
            var goals = new CounterGoals(true);
            var read = JSON.readTree(json);
            read.forEach(goals::add);
            return read.isArray() ? goals : UNKNOWN;
        } catch (JsonProcessingException e) {
            return UNKNOWN;
        }
    }

    private void add(JsonNode goal) {
        var type = goal.path("type").asText();
        String identifier = null;
        for (var condition : goal.path("conditions")) {
            var url = condition.path("url").asText();
            if (!type.equals(ACTION)) {
                if (!PLAIN.contains(type) || goal.path("source").asText().equals("auto")) {
                    possible.add(url);
                }
                continue;
            }
            switch (condition.path("type").asText()) {
                case "exact", ACTION -> {
                    identifiers.add(url);
                    identifier = identifier == null ? url : identifier;
                }
                case "start" -> beginnings.add(url);
                case "contain" -> parts.add(url);
                default -> isSure = false; // a pattern, or what Metrika has come up with since
            }
        }
        var name = goal.path("name").asText();
        var read = new Goal(name, type, identifier);
        // Of several of one name, the one that can be sent
        byName.merge(name.strip().toLowerCase(Locale.ROOT), read, (one, other) -> one.identifier != null ? one : other);
        byNumber.put(goal.path("id").asText(), read);
    }

    /** Whether no goal of the counter is what a target says. */
    boolean isMissing(String target) {
        return isSure
                && !identifiers.contains(target)
                && !possible.contains(target)
                && beginnings.stream().noneMatch(target::startsWith)
                && parts.stream().noneMatch(target::contains);
    }

    /** What to send instead of a target that is missing, as a sentence. */
    String advice(String target) {
        var named = byNumber.get(target);
        var what = "the number";
        if (named == null) {
            named = byName.get(target.toLowerCase(Locale.ROOT));
            what = "the name";
        }
        if (named != null && named.identifier() != null) {
            return "That is %s of a goal: send its identifier, %s"
                    .formatted(what, StorableText.quoted(named.identifier()));
        }
        if (named != null && !named.type().equals(ACTION)) {
            return "That is %s of a goal of the type %s, which no conversion can name: a goal of the kind JavaScript event is needed"
                    .formatted(what, named.type());
        }
        if (identifiers.isEmpty()) {
            return "The counter has no goal of the kind JavaScript event";
        }
        var near = near(target);
        if (!near.isEmpty()) {
            return "Is %s meant?"
                    .formatted(near.stream().map(StorableText::quoted).collect(Collectors.joining(" or ")));
        }
        return "Its goals are %s%s"
                .formatted(
                        identifiers.stream()
                                .limit(LISTED)
                                .map(StorableText::quoted)
                                .collect(Collectors.joining(", ")),
                        identifiers.size() > LISTED ? " and %d more".formatted(identifiers.size() - LISTED) : "");
    }

    private List<String> near(String target) {
        var distance = new LevenshteinDistance(Math.min(NEAR, Math.max(1, target.length() / 3)));
        var wanted = folded(target);
        var steps = new HashMap<String, Integer>();
        for (var identifier : identifiers) {
            var apart = distance.apply(wanted, folded(identifier));
            if (apart >= 0) {
                steps.put(identifier, apart);
            }
        }
        var near = new ArrayList<>(steps.keySet());
        Collections.sort(near);
        near.sort(Comparator.comparing(steps::get));
        return near.stream().limit(SUGGESTED).toList();
    }

    /** Capitals and the signs between words are what differs most often. */
    private static String folded(String identifier) {
        return identifier.toLowerCase(Locale.ROOT).replace('-', '_').replace(' ', '_');
    }
}
