package metrika.conversions.support;

import java.nio.file.Path;
import java.time.Duration;

import metrika.simulator.Simulator;
import metrika.simulator.SimulatorSettings;

/** One product, its database and its Metrika, for all tests that leave nothing behind but webhooks of their own. */
public final class Shared {

    public static final TestDatabase DATABASE = TestDatabase.create();
    public static final Simulator METRIKA = metrika("shared");
    public static final Product PRODUCT = Product.on(DATABASE, METRIKA.url()).start();

    private Shared() {}

    /** A simulator whose uploads are processed at once. */
    public static Simulator metrika(String name) {
        var settings = SimulatorSettings.defaults()
                .withDirectory(Path.of("target", "simulators", name + "-" + System.nanoTime()))
                .withStep(Duration.ZERO);
        return new Simulator(settings).start();
    }
}
