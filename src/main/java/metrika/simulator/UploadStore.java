package metrika.simulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that were taken: {@code <id>.csv} as it came, {@code <id>.json} with its state. The state is written last
 * and moved into place, so a file that was cut off by a crash has none and is swept away at the next start.
 */
final class UploadStore {
    private static final Logger LOG = LoggerFactory.getLogger(UploadStore.class);
    private static final Pattern OURS = Pattern.compile("[0-9]+\\.(csv|json)|.+\\.part");

    private final Path directory;
    private final StatusClock clock;
    private final Supplier<SimulatorSettings> settings;
    private final Goals goals;
    private final NavigableMap<Long, ReceivedUpload> uploads = new ConcurrentSkipListMap<>();
    private long lastId;

    /** What came with a file. */
    record Sent(long counter, String comment, String token, String type, String clientIdType) {}

    UploadStore(Path directory, StatusClock clock, Supplier<SimulatorSettings> settings, Goals goals) {
        this.goals = goals;
        this.directory = directory;
        this.clock = clock;
        this.settings = settings;
    }

    /** Reads what an earlier run left, and sets the clock no earlier than that run's. */
    synchronized void open() throws IOException {
        Files.createDirectories(directory);
        for (Path file : ourFiles()) {
            if (file.toString().endsWith(".json")) {
                ReceivedUpload upload = ReceivedUpload.fromJson(Json.readObject(Files.readString(file)));
                uploads.put(upload.id(), upload);
                clock.reach(upload.statusSince());
            }
        }
        for (Path file : ourFiles()) {
            String name = file.getFileName().toString();
            boolean known = name.matches("[0-9]+\\..*")
                    && uploads.containsKey(Long.valueOf(name.substring(0, name.indexOf('.'))));
            if (!known) {
                LOG.info("Sweeping {} away, which an earlier run left unfinished", file);
                Files.delete(file);
            }
        }
        lastId = uploads.isEmpty() ? 0 : uploads.lastKey();
    }

    /** A new empty file for a body that comes in. */
    Path incoming() {
        return directory.resolve("incoming-" + UUID.randomUUID() + ".part");
    }

    /**
     * Checks a file and keeps it.
     *
     * @throws RefusedException when it breaks a rule; nothing is kept then
     */
    ReceivedUpload keep(Path incoming, Sent sent) throws IOException, RefusedException {
        Instant now = clock.now();
        UploadCheck.Result result = new UploadCheck(settings.get().future(), now).check(incoming);
        synchronized (this) {
            // Numbers grow with the time, so that none comes again after a reset and a restart.
            lastId = Math.max(lastId + 1, System.currentTimeMillis());
            ReceivedUpload upload = new ReceivedUpload(
                    lastId,
                    sent.counter(),
                    sent.comment(),
                    sent.token(),
                    sent.type(),
                    sent.clientIdType(),
                    result.rows(),
                    result.lines(),
                    settings.get().statuses().get(0),
                    now,
                    now,
                    0,
                    0,
                    0,
                    result.targets());
            Files.move(incoming, file(upload.id()), StandardCopyOption.ATOMIC_MOVE);
            put(upload);
            return upload;
        }
    }

    /** All uploads with the status that they have by now, oldest first. */
    synchronized List<ReceivedUpload> all() {
        return uploads.values().stream().map(this::walked).toList();
    }

    synchronized Optional<ReceivedUpload> find(long id) {
        return Optional.ofNullable(uploads.get(id)).map(this::walked);
    }

    /** Where the file of an upload is, as it came. */
    Path file(long id) {
        return directory.resolve(id + ".csv");
    }

    /** The goals that were seen in the files of a counter. */
    Set<String> targets(long counter) {
        return uploads.values().stream()
                .filter(upload -> upload.counter() == counter)
                .flatMap(upload -> upload.targets().stream())
                .collect(Collectors.toSet());
    }

    /** Puts an upload into a status at once. */
    synchronized void finish(long id, String status) {
        ReceivedUpload upload = find(id).orElseThrow(() -> new IllegalArgumentException("No upload " + id));
        change(upload, upload.at(status, clock.now()));
    }

    synchronized void clear() throws IOException {
        uploads.clear();
        for (Path file : ourFiles()) {
            // A body that is coming in at this moment is not ours to take away.
            if (!file.toString().endsWith(".part")) {
                Files.delete(file);
            }
        }
    }

    private ReceivedUpload walked(ReceivedUpload upload) {
        ReceivedUpload walked = clock.walk(upload, settings.get());
        return walked.equals(upload) ? upload : change(upload, walked);
    }

    private ReceivedUpload change(ReceivedUpload before, ReceivedUpload after) {
        try {
            ReceivedUpload changed = after;
            if (after.isFinal() && !before.isFinal()) {
                SimulatorSettings how = after.status().equals("LINKAGE_FAILURE")
                        ? settings.get().withLinkage(Linkage.NONE)
                        : settings.get();
                changed = after.counted(LinkageCount.of(
                        after, file(after.id()), how, goals.limit(after.counter()), after.statusSince()));
            }
            put(changed);
            return changed;
        } catch (IOException broken) {
            throw new UncheckedIOException("Cannot process upload " + before.id(), broken);
        } catch (RefusedException changedOnDisk) {
            throw new IllegalStateException("The file of upload " + before.id() + " was changed", changedOnDisk);
        }
    }

    private void put(ReceivedUpload upload) throws IOException {
        Path draft = directory.resolve(upload.id() + ".json.part");
        Files.writeString(draft, Json.write(upload.toJson()));
        Files.move(
                draft,
                directory.resolve(upload.id() + ".json"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        uploads.put(upload.id(), upload);
    }

    private List<Path> ourFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(
                            file -> OURS.matcher(file.getFileName().toString()).matches())
                    .toList();
        }
    }
}
