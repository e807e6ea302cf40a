package metrika.conversions.health;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeSet;

import org.apache.camel.component.quartz.QuartzEndpoint;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.quartz.SchedulerException;

/**
 * Down when a schedule does not fire any more: nothing is then sent, polled or deleted, and nothing else says so. A
 * schedule waits for a thread of Quartz when all of them hang.
 */
public final class SchedulesHealth extends HealthOnly {

    /** How late a schedule may be: on a machine that stood still all are late for a moment. */
    private static final Duration LATE = Duration.ofMinutes(1);

    public SchedulesHealth() {
        super("schedules");
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        var late = new TreeSet<String>();
        var limit = Instant.now().minus(LATE);
        for (var route : getCamelContext().getRoutes()) {
            if (route.getEndpoint() instanceof QuartzEndpoint quartz
                    && getCamelContext()
                            .getRouteController()
                            .getRouteStatus(route.getId())
                            .isStarted()) {
                try {
                    var trigger = quartz.getComponent().getScheduler().getTrigger(quartz.getTriggerKey());
                    var next = trigger == null ? null : trigger.getNextFireTime();
                    if (next == null || next.toInstant().isBefore(limit)) {
                        late.add(route.getId());
                    }
                } catch (SchedulerException e) {
                    late.add(route.getId() + " (" + e.getMessage() + ")");
                }
            }
        }
        if (late.isEmpty()) {
            builder.up();
        } else {
            builder.message("schedules do not fire: %s. Restart the process".formatted(String.join(", ", late)))
                    .down();
        }
    }
}
