package metrika.conversions.pull;

import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One pull of a source, page by page. Where the source names its pages, the cursor moves after the last one only: what
 * is still to come may lie before what has come, and would be missed if the process died in between. Where each page is
 * asked for from the last row of the one before, it moves after each.
 */
public final class PullRun {

    /** How often numbered pages are gone through, until nothing new is found. */
    private static final int MAX_PASSES = 3;
    /** A source that never comes to an end would hold a process for ever. */
    private static final int MAX_PAGES = 100_000;

    private final long claimNumber;
    private final CursorFormat format;
    private final Clock clock;
    /** The pages that the source has named. */
    private final Set<String> pages = new HashSet<>();

    private final String begun;
    private String position;
    /** From where the source is asked. */
    private String asked;

    private String greatest;
    private String last;
    private String page;
    /** The last page that was waited for. */
    private String waitedFor;

    /** The rows of the page before. */
    private List<?> before;

    /** The rows of counted pages. */
    private final ReadRows read = new ReadRows();

    private boolean isCounted;
    private int passes;
    /** How many rows were stored when this pass over the pages began. */
    private int storedBefore;

    private int failures;
    private boolean isInOrder = true;
    private boolean isOver;
    private boolean isLost;
    private final PullCounts counts = new PullCounts();
    /** Whether a row was dealt with since {@link #hasProgressed} was last asked. */
    private final AtomicBoolean progressed = new AtomicBoolean();

    /**
     * @param position where the cursor is
     * @param beginning what the overlap does not reach before; {@code null}: nothing
     * @param overlap how far before it the pull begins
     */
    PullRun(long claimNumber, CursorFormat format, String position, String beginning, String overlap, Clock clock) {
        this.claimNumber = claimNumber;
        this.format = format;
        this.clock = clock;
        begun = format.position(position);
        this.position = begun;
        var back = format.minus(this.position, overlap, clock.getZone());
        var first = beginning == null ? back : format.minus(format.position(beginning), "", clock.getZone());
        asked = format.compare(back, first) < 0 ? first : back;
        greatest = this.position;
    }

    /** One of a source that somebody else has: it asks for nothing, whatever the settings of this process say. */
    static PullRun lost(Clock clock) {
        var run = new PullRun(0, CursorFormat.TEXT, "", null, "", clock);
        run.lose();
        return run;
    }

    boolean isOver() {
        return isOver;
    }

    /** Where the source says that the next page is; {@code null} at the first one, and where it names none. */
    String page() {
        return page;
    }

    /** From where the source is asked; the same for all pages that it names. */
    public String getCursor() {
        return asked;
    }

    /** Whether the cursor is elsewhere than where it was. */
    boolean hasMoved() {
        return !position.equals(begun);
    }

    /**
     * Has its pages counted on here. Their rows may move up to a page that was read already, when one before them goes:
     * several pages are gone through again until nothing new is found, and only then does the cursor move.
     */
    void countPages() {
        isCounted = true;
    }

    /** Whether a page has other rows than the page before it. */
    boolean isNew(List<?> rows) {
        var isNew = !rows.equals(before);
        before = rows;
        return isNew;
    }

    /**
     * The rows of a counted page that were not read before in this pull: on a page that is read again, or on the page
     * before, from which they have moved down.
     */
    List<Map<String, ?>> unread(List<Map<String, ?>> page) {
        return read.unread(page);
    }

    /** What became of its rows. */
    PullCounts counts() {
        return counts;
    }

    /** How often in a row the source could not be pulled before. */
    void failedBefore(int times) {
        failures = times;
    }

    int failures() {
        return failures;
    }

    /** Whether the page that comes next was not waited for before. */
    boolean mayWait() {
        var isFirst = !page.equals(waitedFor);
        waitedFor = page;
        return isFirst;
    }

    /** Counts the claims of the source. */
    long claimNumber() {
        return claimNumber;
    }

    /** A row has been dealt with. */
    void endRow() {
        progressed.set(true);
    }

    /** Whether a row has been dealt with since this was last asked. */
    boolean hasProgressed() {
        return progressed.getAndSet(false);
    }

    /** Somebody else has the source now: it ends here. */
    void lose() {
        isLost = true;
    }

    boolean isLost() {
        return isLost;
    }

    /** The parameters of the statement that moves the cursor. */
    Map<String, Object> progress() {
        return Map.of(
                "position", position, "claim_number", claimNumber, "is_over", isOver, "last_pull", counts.toJson());
    }

    /**
     * Takes over what a page has told, when all of it is stored.
     *
     * @param cursors of its rows, in their order; of a counted page those of {@link #unread} will do
     * @param next where the source says that the next page is; {@code null} when it names none
     * @param pageSize at how many rows a page counts as full, so that another one is asked for from its last row; 0:
     *     the source names its pages
     * @param isStopping whether the process is about to stop, so that the pull ends here
     * @throws PullException when the source never comes to an end, or rows could be missed
     */
    void endPage(List<Object> cursors, String next, int pageSize, boolean isStopping) {
        String latest = null;
        for (var value : cursors) {
            var cursor = format.position(value);
            isInOrder &= last == null || format.compare(cursor, last) >= 0;
            last = cursor;
            latest = latest == null || format.compare(cursor, latest) > 0 ? cursor : latest;
        }
        if (latest != null && format.compare(latest, greatest) > 0) {
            greatest = latest;
        }
        counts.addRead(cursors.size());
        page = next;
        if (next != null && (!pages.add(next) || pages.size() > MAX_PAGES)) {
            throw new PullException("it names the page '%s' again and again".formatted(next));
        }
        var isLast = next == null && (isCounted || pageSize == 0 || cursors.size() < pageSize);
        if (isLast && isCounted && !isStopping && isToBeReadAgain()) {
            return;
        }
        if (!isLast && next == null) {
            askFrom(latest, cursors.size());
        }
        if (isLast || next == null) {
            position = format.atMost(greatest, clock);
        }
        isOver = isLast || isStopping;
        if (isOver) {
            read.clear(); // the last pull of each source is kept
        }
    }

    private boolean isToBeReadAgain() {
        var again = !pages.isEmpty() && counts.stored() > storedBefore && ++passes < MAX_PASSES;
        if (again) {
            storedBefore = counts.stored();
            pages.clear();
            before = null;
        }
        return again;
    }

    private void askFrom(String latest, int size) {
        if (!isInOrder) {
            throw new PullException("its rows do not come in the order of their cursor: have it sort them by that");
        }
        if (format.compare(latest, asked) == 0) {
            throw new PullException(
                    ("all %d rows of a full page have the cursor '%s', so what comes after them cannot be"
                                    + " reached: make the page larger (pageSize)")
                            .formatted(size, latest));
        }
        asked = latest;
    }
}
