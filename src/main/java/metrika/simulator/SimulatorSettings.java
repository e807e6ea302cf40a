package metrika.simulator;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How the simulator behaves. Immutable; each {@code with…} gives a changed copy, and
 * {@link Simulator#settings(SimulatorSettings)} puts one in force while the server runs.
 *
 * @param host address to listen on; setting {@code simulator.host}
 * @param port port to listen on, 0 for any free one; {@code simulator.port}
 * @param directory where files and their states are kept across restarts; {@code simulator.directory}
 * @param step time between two statuses of an upload, on the simulator's clock; zero: final at the next look;
 *     {@code simulator.step}
 * @param listDelay how long a new upload stays out of the list of uploads; {@code simulator.list-delay}
 * @param listOrder order of that list; {@code simulator.list-order}
 * @param listOffset what an offset into that list does; {@code simulator.list-offset}
 * @param statuses what an upload walks through, ending in PROCESSED; {@code simulator.statuses}
 * @param future what a DateTime in the future does; {@code simulator.future}
 * @param ageLimit rows older than this when the file is processed are not linked, null for no limit;
 *     {@code simulator.age-limit}
 * @param linkage how many rows find their visitor; {@code simulator.linkage}
 * @param goals identifiers of goals that exist, empty: every Target does; {@code simulator.goals}
 * @param tokens tokens that are valid, empty: every one is; {@code simulator.tokens}
 * @param counters counters that exist, empty: all do; {@code simulator.counters}
 * @param createTime the form of create_time; {@code simulator.create-time}
 * @param extraFields whether answers carry fields that no documentation names; {@code simulator.extra-fields}
 * @param quota whether Metrika's quotas are enforced; {@code simulator.quota}
 * @param maxBytes size of the largest file that is taken, Metrika's is 1 GB; {@code simulator.max-bytes}
 */
public record SimulatorSettings(
        String host,
        int port,
        Path directory,
        Duration step,
        Duration listDelay,
        ListOrder listOrder,
        ListOffset listOffset,
        List<String> statuses,
        FutureRows future,
        Duration ageLimit,
        Linkage linkage,
        Set<String> goals,
        Set<String> tokens,
        Set<Long> counters,
        CreateTimeForm createTime,
        boolean extraFields,
        boolean quota,
        long maxBytes) {

    /** The prefix of every setting's name. */
    public static final String PREFIX = "simulator.";

    /** The names of all settings, with their prefix. */
    public static final Set<String> NAMES = Set.copyOf(names());

    public SimulatorSettings {
        goals = Set.copyOf(goals);
        tokens = Set.copyOf(tokens);
        counters = Set.copyOf(counters);
        statuses = List.copyOf(statuses);
    }

    /** Everything is linked, whatever its date; four statuses a second apart; no quota. */
    public static SimulatorSettings defaults() {
        return new SimulatorSettings(
                "127.0.0.1",
                0,
                Path.of("data", "simulator"),
                Duration.ofSeconds(1),
                Duration.ZERO,
                ListOrder.NEWEST,
                ListOffset.HONOURED,
                List.of("UPLOADED", "EXPORTED", "MATCHED", "PROCESSED"),
                FutureRows.REJECT_FILE,
                null,
                Linkage.ALL,
                Set.of(),
                Set.of(),
                Set.of(),
                CreateTimeForm.OFFSET,
                false,
                false,
                1L << 30);
    }

    /**
     * Reads the settings by their full names.
     *
     * @param setting gives the value of a name, null when it is not set
     * @throws IllegalArgumentException that names the setting, the value and what is allowed
     */
    public static SimulatorSettings of(Function<String, String> setting) {
        return defaults().merge(setting);
    }

    /** These settings with those replaced that the function knows, by their full names. */
    SimulatorSettings merge(Function<String, String> setting) {
        SettingReader reader = new SettingReader(setting);
        return new SimulatorSettings(
                reader.read("host", host, "the address to listen on", value -> value),
                reader.read("port", port, "0 to 65535", SettingReader::portOf),
                reader.read("directory", directory, "a path", Path::of),
                reader.read("step", step, SettingReader.DURATION, SettingReader::durationOf),
                reader.read("list-delay", listDelay, SettingReader.DURATION, SettingReader::durationOf),
                reader.read("list-order", listOrder, ListOrder.class),
                reader.read("list-offset", listOffset, ListOffset.class),
                reader.read(
                        "statuses",
                        statuses,
                        "two or more in a comma list that ends in PROCESSED",
                        SettingReader::statusesOf),
                reader.read("future", future, FutureRows.class),
                reader.read(
                                "age-limit",
                                Optional.ofNullable(ageLimit),
                                "none, or " + SettingReader.DURATION,
                                SettingReader::limitOf)
                        .orElse(null),
                reader.read("linkage", linkage, Linkage.class),
                reader.read("goals", goals, "a comma list", SettingReader::listOf),
                reader.read("tokens", tokens, "a comma list", SettingReader::listOf),
                reader.read(
                        "counters",
                        counters,
                        "a comma list of numbers",
                        value -> SettingReader.listOf(value).stream()
                                .map(Long::valueOf)
                                .collect(Collectors.toSet())),
                reader.read("create-time", createTime, CreateTimeForm.class),
                reader.read("extra-fields", extraFields, "on, off", SettingReader::switchOf),
                reader.read("quota", quota, "on, off", SettingReader::switchOf),
                reader.read("max-bytes", maxBytes, "a number of bytes above 0", SettingReader::sizeOf));
    }

    /** The values by short name, as they would be written; tokens are only counted, since they are secrets. */
    Map<String, String> describe() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("host", host);
        values.put("port", Integer.toString(port));
        values.put("directory", directory.toString());
        values.put("step", step.toString());
        values.put("list-delay", listDelay.toString());
        values.put("list-order", Words.of(listOrder));
        values.put("list-offset", Words.of(listOffset));
        values.put("statuses", String.join(",", statuses));
        values.put("future", Words.of(future));
        values.put("age-limit", ageLimit == null ? "none" : ageLimit.toString());
        values.put("linkage", Words.of(linkage));
        values.put("goals", goals.stream().sorted().collect(Collectors.joining(",")));
        values.put("tokens", tokens.isEmpty() ? "" : tokens.size() + " known");
        values.put("counters", counters.stream().sorted().map(String::valueOf).collect(Collectors.joining(",")));
        values.put("create-time", Words.of(createTime));
        values.put("extra-fields", extraFields ? "on" : "off");
        values.put("quota", quota ? "on" : "off");
        values.put("max-bytes", Long.toString(maxBytes));
        return values;
    }

    @Override
    public String toString() {
        return "SimulatorSettings" + describe();
    }

    public SimulatorSettings withHost(String value) {
        return with("host", value);
    }

    public SimulatorSettings withPort(int value) {
        return with("port", Integer.toString(value));
    }

    public SimulatorSettings withDirectory(Path value) {
        return with("directory", value.toString());
    }

    public SimulatorSettings withStep(Duration value) {
        return with("step", value.toString());
    }

    public SimulatorSettings withListDelay(Duration value) {
        return with("list-delay", value.toString());
    }

    public SimulatorSettings withListOrder(ListOrder value) {
        return with("list-order", Words.of(value));
    }

    public SimulatorSettings withListOffset(ListOffset value) {
        return with("list-offset", Words.of(value));
    }

    public SimulatorSettings withStatuses(String... value) {
        return with("statuses", String.join(",", value));
    }

    public SimulatorSettings withFuture(FutureRows value) {
        return with("future", Words.of(value));
    }

    /** Null for no limit. */
    public SimulatorSettings withAgeLimit(Duration value) {
        return with("age-limit", value == null ? "none" : value.toString());
    }

    public SimulatorSettings withLinkage(Linkage value) {
        return with("linkage", Words.of(value));
    }

    public SimulatorSettings withGoals(String... value) {
        return with("goals", String.join(",", value));
    }

    public SimulatorSettings withTokens(String... value) {
        return with("tokens", String.join(",", value));
    }

    public SimulatorSettings withCounters(long... value) {
        return with("counters", Arrays.stream(value).mapToObj(Long::toString).collect(Collectors.joining(",")));
    }

    public SimulatorSettings withCreateTime(CreateTimeForm value) {
        return with("create-time", Words.of(value));
    }

    public SimulatorSettings withExtraFields(boolean value) {
        return with("extra-fields", value ? "on" : "off");
    }

    public SimulatorSettings withQuota(boolean value) {
        return with("quota", value ? "on" : "off");
    }

    public SimulatorSettings withMaxBytes(long value) {
        return with("max-bytes", Long.toString(value));
    }

    private SimulatorSettings with(String name, String value) {
        return merge(asked -> asked.equals(PREFIX + name) ? value : null);
    }

    private static Set<String> names() {
        return defaults().describe().keySet().stream().map(PREFIX::concat).collect(Collectors.toSet());
    }
}
