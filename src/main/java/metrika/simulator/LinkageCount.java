package metrika.simulator;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;

import org.apache.commons.csv.CSVRecord;

/**
 * What became of the rows that passed, counted when a file is processed. A row whose goal is unknown is not looked at
 * further; a visit that is too old is a visitor that was not found.
 */
record LinkageCount(long linked, long goalNotFound, long userNotFound) {

    /** @param goals that rows may name, {@code null} for all */
    static LinkageCount of(
            ReceivedUpload upload, Path file, SimulatorSettings settings, Set<String> goals, Instant processed)
            throws IOException, RefusedException {
        if (goals == null && settings.ageLimit() == null && settings.linkage() != Linkage.HALF) {
            boolean all = settings.linkage() == Linkage.ALL;
            return new LinkageCount(all ? upload.lines() : 0, 0, all ? 0 : upload.lines());
        }
        Instant oldest = settings.ageLimit() == null ? Instant.MIN : processed.minus(settings.ageLimit());
        long linked = 0;
        long goalNotFound = 0;
        long userNotFound = 0;
        try (CsvFile csv = new CsvFile(file)) {
            UploadCheck.Columns columns = UploadCheck.Columns.of(csv.header());
            boolean someLeftOut = upload.lines() < upload.rows();
            for (CSVRecord row = csv.next(); row != null; row = csv.next()) {
                long seconds = columns.seconds(row);
                if (someLeftOut && UploadCheck.isLeftOut(seconds, upload.receivedAt())) {
                    continue;
                }
                if (goals != null && !goals.contains(columns.target(row))) {
                    goalNotFound++;
                } else if (seconds < oldest.getEpochSecond()
                        || !isKnown(settings.linkage(), linked + goalNotFound + userNotFound)) {
                    userNotFound++;
                } else {
                    linked++;
                }
            }
        }
        return new LinkageCount(linked, goalNotFound, userNotFound);
    }

    private static boolean isKnown(Linkage linkage, long rowsBefore) {
        return switch (linkage) {
            case ALL -> true;
            case NONE -> false;
            case HALF -> rowsBefore % 2 == 0;
        };
    }
}
