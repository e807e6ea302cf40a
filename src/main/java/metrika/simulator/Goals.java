package metrika.simulator;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The goals of each counter: those of the settings unless a counter has its own, and those that were created. */
final class Goals {

    /** Goals that a counter is shown to have when every Target counts as known. */
    private static final Set<String> USUAL = Set.of("order_confirmed", "purchase", "registration");

    private final Supplier<SimulatorSettings> settings;
    private final Map<Long, Set<String>> own = new ConcurrentHashMap<>();
    /** By identifier, with their names. */
    private final Map<Long, Map<String, String>> created = new ConcurrentHashMap<>();

    Goals(Supplier<SimulatorSettings> settings) {
        this.settings = settings;
    }

    /** Gives a counter goals of its own, and no others. */
    void set(long counter, Collection<String> identifiers) {
        created.remove(counter);
        own.put(counter, Set.copyOf(identifiers));
    }

    /** The same, asked for by {@code {"counter": 1, "goals": ["a"]}}. */
    ObjectNode set(JsonNode wanted) {
        if (!wanted.path("counter").isIntegralNumber() || !wanted.path("goals").isArray()) {
            throw new IllegalArgumentException("{\"counter\":1,\"goals\":[\"purchase\"]} is expected");
        }
        long counter = wanted.path("counter").longValue();
        set(
                counter,
                StreamSupport.stream(wanted.path("goals").spliterator(), false)
                        .map(JsonNode::asText)
                        .collect(Collectors.toSet()));
        return Json.object().put("counter", counter).set("goals", wanted.path("goals"));
    }

    /**
     * Creates a goal, as Metrika is asked for it.
     *
     * @return what Metrika answers
     */
    ObjectNode create(long counter, JsonNode body) throws RefusedException {
        JsonNode goal = body.path("goal");
        String identifier = goal.at("/conditions/0/url").asText();
        String name = goal.path("name").asText();
        if (!goal.path("type").asText().equals("action")
                || !goal.at("/conditions/0/type").asText().equals("exact")
                || identifier.isEmpty()
                || name.isEmpty()) {
            throw new RefusedException(MetrikaError.invalidParameter(
                    "goal: a name, the type action and a condition of the type exact are expected"));
        }
        created.computeIfAbsent(counter, missing -> new ConcurrentSkipListMap<>())
                .put(identifier, name);
        ObjectNode answer = Json.object();
        answer.set("goal", Answers.goal(counter, name, "action", "exact", identifier));
        return answer;
    }

    /** The identifiers that rows may name; {@code null} when every Target is one. */
    Set<String> limit(long counter) {
        Set<String> given = own.getOrDefault(counter, settings.get().goals());
        if (given.isEmpty() && !own.containsKey(counter)) {
            return null;
        }
        Set<String> all = new TreeSet<>(given);
        all.addAll(created.getOrDefault(counter, Map.of()).keySet());
        return all;
    }

    /**
     * The goals that a counter is shown to have, by identifier, with their names.
     *
     * @param seen Targets that files of the counter have named
     */
    Map<String, String> list(long counter, Collection<String> seen) {
        Map<String, String> list = new TreeMap<>();
        Set<String> limit = limit(counter);
        Set<String> identifiers = new TreeSet<>(limit == null ? USUAL : limit);
        if (limit == null) {
            identifiers.addAll(seen);
        }
        // Named otherwise than identified, since the two are often taken for one another.
        identifiers.forEach(identifier -> list.put(identifier, "Goal: " + identifier));
        list.putAll(created.getOrDefault(counter, Map.of()));
        return list;
    }

    void clear() {
        own.clear();
        created.clear();
    }
}
