package metrika.conversions;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import javax.management.JMException;
import javax.management.ObjectName;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the memory back that the start took: routes are read and classes loaded once, and what that leaves behind is
 * most of the heap of a process that then has little to do. Java gives nothing back of itself before a collection of
 * the whole heap, and that it puts off for as long as there is little to do.
 */
final class ReleasedMemory {

    private static final Logger LOG = LoggerFactory.getLogger(ReleasedMemory.class);
    /** For as long the process has to have little to do: the collection stops it for some hundredths of a second. */
    private static final Duration QUIET = Duration.ofSeconds(10);

    private static final Duration LATER = Duration.ofMinutes(1);
    /** Of one processor's time. */
    private static final double LITTLE = 0.1;

    private static final String MIN_FREE = "MinHeapFreeRatio";
    private static final String MAX_FREE = "MaxHeapFreeRatio";
    /** In percent of the heap, so that all but what is used and a little room is given back. */
    private static final String LITTLE_MIN_FREE = "10";

    private static final String LITTLE_MAX_FREE = "25";

    /** The serial collector gives back nothing, a tenth, two fifths and all, one after the other; G1 all at once. */
    private static final int COLLECTIONS = 4;

    private ReleasedMemory() {}

    /** Does so as soon as the process has little to do, once. */
    static void onceIdle() {
        var thread = new Thread(ReleasedMemory::await, "released-memory");
        thread.setDaemon(true);
        thread.start();
    }

    private static void await() {
        try {
            var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
            long used;
            do {
                used = system.getProcessCpuTime();
                Thread.sleep(QUIET.toMillis());
            } while (system.getProcessCpuTime() - used > LITTLE * QUIET.toNanos());
            release();
            trim();
            Thread.sleep(LATER.toMillis()); // of what has first run since, such as schedules
            trim();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) { // of another virtual machine, which has other ways
            LOG.debug("The memory of the start is kept", e);
        }
    }

    /**
     * Has the C library give back what the JVM itself has freed, such as the compilers' memory: it keeps it otherwise.
     * Java 17 can do so from 17.0.9 on, on Linux.
     */
    private static void trim() {
        try {
            ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "systemTrimNativeHeap",
                            new Object[0],
                            new String[0]);
        } catch (JMException e) {
            LOG.debug("The memory of the C library is kept", e);
        }
    }

    /** Collects the whole heap, and has as little of it kept free as makes sense. */
    static void release() {
        var machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        var min = machine.getVMOption(MIN_FREE).getValue();
        var max = machine.getVMOption(MAX_FREE).getValue();
        try {
            machine.setVMOption(MIN_FREE, LITTLE_MIN_FREE);
            machine.setVMOption(MAX_FREE, LITTLE_MAX_FREE);
            for (int i = 0; i < COLLECTIONS; i++) {
                System.gc();
            }
        } finally {
            machine.setVMOption(MAX_FREE, max); // first, since it is never below the other
            machine.setVMOption(MIN_FREE, min);
        }
    }
}
