package metrika.simulator;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads one setting after the other and words the complaint about a bad one.
 *
 * @param setting gives the value of a full name, null when it is not set
 */
record SettingReader(Function<String, String> setting) {

    static final String DURATION = "an ISO-8601 duration such as PT1S, not negative";

    <T> T read(String name, T otherwise, String allowed, Function<String, T> parse) {
        String value = setting.apply(SimulatorSettings.PREFIX + name);
        if (value == null) {
            return otherwise;
        }
        try {
            return parse.apply(value.strip());
        } catch (DateTimeParseException | IllegalArgumentException bad) {
            IllegalArgumentException complaint = Words.unknown(SimulatorSettings.PREFIX + name, value, allowed);
            complaint.initCause(bad);
            throw complaint;
        }
    }

    <E extends Enum<E>> E read(String name, E otherwise, Class<E> type) {
        String value = setting.apply(SimulatorSettings.PREFIX + name);
        return value == null ? otherwise : Words.parse(type, SimulatorSettings.PREFIX + name, value.strip());
    }

    static int portOf(String value) {
        int port = Integer.parseInt(value);
        return port >= 0 && port <= 65535 ? port : fail();
    }

    static long sizeOf(String value) {
        long size = Long.parseLong(value);
        return size > 0 ? size : fail();
    }

    static Duration durationOf(String value) {
        Duration duration = Duration.parse(value);
        return duration.isNegative() ? fail() : duration;
    }

    static Optional<Duration> limitOf(String value) {
        return value.equals("none") ? Optional.empty() : Optional.of(durationOf(value));
    }

    static Set<String> listOf(String value) {
        return Arrays.stream(value.split(","))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    static List<String> statusesOf(String value) {
        List<String> statuses = List.copyOf(listOf(value));
        boolean ends = statuses.size() > 1 && statuses.get(statuses.size() - 1).equals("PROCESSED");
        return ends ? statuses : fail();
    }

    static boolean switchOf(String value) {
        return switch (value) {
            case "on", "true" -> true;
            case "off", "false" -> false;
            default -> SettingReader.<Boolean>fail();
        };
    }

    private static <T> T fail() {
        throw new IllegalArgumentException();
    }
}
