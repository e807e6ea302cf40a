package metrika.conversions.sources;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;
import org.apache.camel.util.TimeUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets through the files of one folder that are whole: that have something in them, and that looks at the folder have
 * found the same for a while, by this machine's clock alone. The others are left for the next look, and hold up nobody,
 * where Camel's own {@code readLock} waits for one file before it turns to the next, and believes the clock of the
 * folder's server.
 */
public final class StableFileFilter implements GenericFileFilter<Object> {

    /** After this time without it a file is taken to be gone for good. */
    private static final long FORGOTTEN_NANOS = TimeUnit.DAYS.toNanos(1);

    /**
     * A file as looks at the folder find it.
     *
     * @param since since when it is so
     * @param last the last look that found it
     */
    private record Seen(long length, long modified, long since, long last) {}

    /** What Java makes of a byte that is no letter in the locale's encoding. */
    private static final char LOST = '\ufffd';

    private static final Logger LOG = LoggerFactory.getLogger(StableFileFilter.class);

    private final Map<String, Seen> seen = new HashMap<>();
    private long minAgeNanos;

    /** How long a file must have been found the same: milliseconds, or a number with s, m or h; 0 for two looks. */
    public void setMinAge(String minAge) {
        minAgeNanos = TimeUnit.MILLISECONDS.toNanos(TimeUtils.toMilliSeconds(minAge));
    }

    @Override
    public synchronized boolean accept(GenericFile<Object> file) {
        var now = System.nanoTime();
        var before = seen.get(file.getAbsoluteFilePath());
        var isSame = before != null
                && before.length() == file.getFileLength()
                && before.modified() == file.getLastModified();
        var since = isSame ? before.since() : now;
        seen.put(file.getAbsoluteFilePath(), new Seen(file.getFileLength(), file.getLastModified(), since, now));
        if (before == null) {
            if (file.getFileNameOnly().indexOf(LOST) >= 0) {
                LOG.warn(
                        "{} is not taken: its name has letters that this process cannot read. Rename it, or start with "
                                + "LC_ALL=C.UTF-8 if the name is in UTF-8",
                        file.getFileNameOnly());
            }
            seen.values().removeIf(gone -> now - gone.last() > FORGOTTEN_NANOS);
        }
        return isSame
                && file.getFileLength() > 0
                && file.getFileNameOnly().indexOf(LOST) < 0
                && now - since >= minAgeNanos;
    }
}
