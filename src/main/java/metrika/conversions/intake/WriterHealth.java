package metrika.conversions.intake;

import java.util.Map;

import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Not alive when nothing can be stored in this process any more, whatever the database does: only a restart helps then.
 */
public final class WriterHealth extends AbstractHealthCheck {

    private final BatchWriter writer;

    public WriterHealth(BatchWriter writer) {
        super("metrika-conversions", "writer");
        this.writer = writer;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        var trouble = writer.trouble();
        if (trouble.isEmpty()) {
            builder.up();
        } else {
            builder.message(trouble.get()).down();
        }
    }
}
