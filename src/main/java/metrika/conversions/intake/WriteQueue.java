package metrika.conversions.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The requests that wait to be written, in the order in which they came. They are taken in groups: what has come while
 * the group before was being written.
 */
final class WriteQueue {

    /**
     * Conversions of one statement, so that its arrays stay small: large ones have the garbage collector run on and on.
     */
    private static final int MAX_ROWS = 4000;
    /**
     * Conversions that wait beside the group that is being written, from which on a second one is written at the same
     * time: for fewer of them its work would cost more than their wait.
     */
    private static final int BACKLOG_ROWS = 1000;

    private final LinkedBlockingQueue<WriteRequest> requests = new LinkedBlockingQueue<>();
    private final AtomicInteger rows = new AtomicInteger();
    /** Whether a group that {@link #take} has given is being written. */
    private volatile boolean isWriting;
    /** More or less one: that there is a backlog. */
    private final Semaphore backlog = new Semaphore(0);

    void add(WriteRequest request) {
        requests.add(request);
        rows.addAndGet(request.rows());
        tellOfBacklog();
    }

    /** Takes one out that nobody waits for any more, if it is still there. */
    void remove(WriteRequest request) {
        if (requests.remove(request)) {
            rows.addAndGet(-request.rows());
        }
    }

    /** Waits for a group, when the one before is written. */
    List<WriteRequest> take() throws InterruptedException {
        isWriting = false;
        var group = group(requests.take());
        isWriting = true;
        tellOfBacklog();
        return group;
    }

    /** Waits for a group of a backlog, beside the one that was taken by {@link #take}. */
    List<WriteRequest> takeOfBacklog() throws InterruptedException {
        while (true) {
            var first = isBacklog() ? requests.poll() : null;
            if (first != null) {
                return group(first);
            }
            backlog.acquire();
        }
    }

    private boolean isBacklog() {
        return isWriting && rows.get() >= BACKLOG_ROWS;
    }

    private void tellOfBacklog() {
        if (isBacklog() && backlog.availablePermits() == 0) {
            backlog.release();
        }
    }

    /** Those that wait, the oldest first. */
    Queue<WriteRequest> requests() {
        return requests;
    }

    private List<WriteRequest> group(WriteRequest first) {
        var group = new ArrayList<WriteRequest>();
        group.add(first);
        var size = first.rows();
        for (var next = requests.peek(); next != null && size + next.rows() <= MAX_ROWS; next = requests.peek()) {
            if (requests.remove(next)) {
                group.add(next);
                size += next.rows();
            }
        }
        rows.addAndGet(-size);
        return group;
    }
}
