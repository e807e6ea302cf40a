package metrika.conversions.health;

import org.apache.camel.impl.health.AbstractHealthCheck;

/** A part of health alone: what it says takes this process neither out of service nor down. */
public abstract class HealthOnly extends AbstractHealthCheck {

    /** @param name of the check in {@code /observe/health} */
    protected HealthOnly(String name) {
        super("metrika-conversions", name);
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    public boolean isReadiness() {
        return false;
    }
}
