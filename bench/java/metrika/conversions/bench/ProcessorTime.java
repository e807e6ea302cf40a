package metrika.conversions.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The processor time that processes have taken, as Linux tells it; elsewhere nothing.
 *
 * @param seconds in all
 * @param threads the same by thread, those of one name but for its number together
 */
record ProcessorTime(double seconds, Map<String, Double> threads) {

    /** Linux counts in hundredths of a second, whatever its own clock ticks in. */
    private static final double TICKS = 100;

    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final int USER_OF_ENDED = 13;
    private static final int SYSTEM_OF_ENDED = 14;

    /** Of one process. */
    static ProcessorTime of(ProcessHandle process) {
        var threads = new TreeMap<String, Double>();
        try (var tasks = Files.list(proc(process).resolve("task"))) {
            tasks.forEach(task -> {
                var fields = stat(task);
                if (fields.length > 0) {
                    threads.merge(name(task), sum(fields, USER, SYSTEM), Double::sum);
                }
            });
        } catch (IOException e) {
            return new ProcessorTime(0, Map.of());
        }
        return new ProcessorTime(sum(stat(proc(process)), USER, SYSTEM), threads);
    }

    /** Of a server and all processes that it has begun, also those that have ended. */
    static ProcessorTime ofAll(ProcessHandle server) {
        var running = Stream.concat(Stream.of(server), server.descendants())
                .mapToDouble(process -> sum(stat(proc(process)), USER, SYSTEM))
                .sum();
        return new ProcessorTime(running + sum(stat(proc(server)), USER_OF_ENDED, SYSTEM_OF_ENDED), Map.of());
    }

    ProcessorTime since(ProcessorTime before) {
        var taken = new TreeMap<String, Double>();
        threads.forEach((name, time) -> taken.put(name, time - before.threads().getOrDefault(name, 0.0)));
        return new ProcessorTime(seconds - before.seconds(), taken);
    }

    private static Path proc(ProcessHandle process) {
        return Path.of("/proc", String.valueOf(process.pid()));
    }

    private static String name(Path task) {
        return read(task.resolve("comm")).strip().replaceFirst("[-# ]*\\d*$", "");
    }

    /** What follows the name, which may hold anything; empty for one that has ended. */
    private static String[] stat(Path process) {
        var line = read(process.resolve("stat"));
        return line.isEmpty()
                ? new String[0]
                : line.substring(line.lastIndexOf(')') + 1).strip().split(" ");
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) { // it has ended meanwhile
            return "";
        }
    }

    private static double sum(String[] fields, int first, int second) {
        return fields.length <= second ? 0 : (Long.parseLong(fields[first]) + Long.parseLong(fields[second])) / TICKS;
    }
}
