package metrika.conversions;

import java.lang.management.ManagementFactory;
import java.util.List;

import com.sun.management.HotSpotDiagnosticMXBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/** That the heap of the start is given back, and the collector left as it was. */
@Isolated("it is about the heap of the process")
class ReleasedMemoryTest {

    private static List<String> ratios() {
        var machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return List.of(
                machine.getVMOption("MinHeapFreeRatio").getValue(),
                machine.getVMOption("MaxHeapFreeRatio").getValue());
    }

    private static long committed() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
    }

    @Test
    void whatTheHeapHasGrownToIsGivenBack() {
        var before = ratios();
        ReleasedMemory.release();
        var small = committed();
        var grown = grow(2 * small);
        assertThat(committed()).as("with %s in use", grown).isGreaterThan(2 * small);

        ReleasedMemory.release();

        assertThat(committed()).isLessThan(2 * small);
        assertThat(ratios()).isEqualTo(before);
    }

    /** Has the heap hold so many bytes for a moment. */
    private static int grow(long bytes) {
        var held = new byte[(int) (bytes >> 20) + 1][];
        for (int i = 0; i < held.length; i++) {
            held[i] = new byte[1 << 20];
        }
        return held.length;
    }
}
