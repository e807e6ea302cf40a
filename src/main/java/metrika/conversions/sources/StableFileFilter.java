package metrika.conversions.sources;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.settings.TimeSpan;

/**
 * Lets through the files of a folder, and of those in it, that are whole: that have something in them, and that looks
 * at the folder have found the same for a while, by this machine's clock alone. The others are left for the next look,
 * and hold up nobody, where Camel's own {@code readLock} waits for one file before it turns to the next, and believes
 * the clock of the folder's server.
 */
public final class StableFileFilter implements GenericFileFilter<Object> {

    /** After this time without it a file is taken to be gone for good. */
    private static final long FORGOTTEN_NANOS = TimeUnit.DAYS.toNanos(1);

    /** Longer than anybody needs who opens a file and then writes it. */
    private static final Duration EMPTY = Duration.ofMinutes(10);

    /**
     * A file as looks at the folder find it.
     *
     * @param since since when it is so
     * @param last the last look that found it
     * @param isTold whether the log has said that it is empty
     */
    private record Seen(long length, long modified, long since, long last, boolean isTold) {}

    /** Folders whose names may stand in a path, as those of files may. */
    private static final Pattern FOLDER =
            Pattern.compile("[^.~\\p{C}\\p{Zl}\\p{Zp}/\\\\:*?\"<>|$]" + "[^\\p{C}\\p{Zl}\\p{Zp}/\\\\:*?\"<>|$]*");
    /** What Java makes of a byte that is no letter in the locale's encoding. */
    private static final char LOST = '\ufffd';

    private static final Logger LOG = LoggerFactory.getLogger(StableFileFilter.class);

    private final Map<String, Seen> seen = new HashMap<>();
    private final Set<String> moved = new HashSet<>();
    private long minAgeNanos;
    private final long emptyNanos;
    private boolean takesXml;
    private boolean isXmlTold;

    public StableFileFilter() {
        this(EMPTY);
    }

    /** @param empty how long a file may be empty before the log says so */
    StableFileFilter(Duration empty) {
        emptyNanos = empty.toNanos();
    }

    /** How long a file must have been found the same, as {@link TimeSpan} reads it; 0 for two looks. */
    public void setMinAge(String minAge) {
        minAgeNanos = TimeSpan.parse(minAge).toNanos();
    }

    /** Which element of XML is a row: without it, files of XML are left alone. */
    public void setRows(String rows) {
        takesXml = !rows.isBlank();
    }

    /** Whether files may be moved to a folder of that name, which may begin with a point. */
    public static boolean isFolder(String name) {
        return FOLDER.matcher(name.replaceFirst("^[.]", "")).matches();
    }

    /** A folder that done files are moved to: nothing in it is taken again. */
    public void setDoneFolder(String name) {
        moved.add(name);
    }

    /** The same of failed files. */
    public void setFailedFolder(String name) {
        moved.add(name);
    }

    @Override
    public synchronized boolean accept(GenericFile<Object> file) {
        var name = file.getFileNameOnly();
        if (file.isDirectory()) {
            return name.indexOf(LOST) < 0 && FOLDER.matcher(name).matches() && !moved.contains(name);
        }
        if (!takesXml && name.toLowerCase(Locale.ROOT).endsWith(".xml")) {
            if (!isXmlTold) {
                LOG.warn("{} and all .xml beside it are not taken: rows does not say which element is a row", name);
                isXmlTold = true;
            }
            return false;
        }
        return isWhole(file);
    }

    private boolean isWhole(GenericFile<Object> file) {
        var now = System.nanoTime();
        var before = seen.get(file.getAbsoluteFilePath());
        var isSame = before != null
                && before.length() == file.getFileLength()
                && before.modified() == file.getLastModified();
        var since = isSame ? before.since() : now;
        var isTold = isSame && before.isTold();
        if (!isTold && file.getFileLength() == 0 && isSame && now - since >= Math.max(minAgeNanos, emptyNanos)) {
            LOG.warn(
                    "{} is empty and has not grown since it was found: it is not taken until something is in it",
                    file.getRelativeFilePath());
            isTold = true;
        }
        seen.put(
                file.getAbsoluteFilePath(), new Seen(file.getFileLength(), file.getLastModified(), since, now, isTold));
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
