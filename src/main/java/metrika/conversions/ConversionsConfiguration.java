package metrika.conversions;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;

import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.LifecycleStrategySupport;

import metrika.conversions.check.CalledRoutes;
import metrika.conversions.check.TrialStore;
import metrika.conversions.settings.Settings;

/**
 * Binds the beans that routes name. {@code camel.main.configurationClasses} names this class, so that whatever runs
 * Camel's main, such as {@code camel run}, Kaoto's run button or a route test, starts a connector too: as a trial, with
 * a {@link TrialStore} that is bound as {@value #TRIAL_STORE} and keeps nothing. The routes that it calls are loaded
 * with it, and it counts as switched on. The product binds its own beans first.
 */
public final class ConversionsConfiguration implements CamelConfiguration {

    /** The name of the bean that tells what became of what a connector took in. */
    public static final String TRIAL_STORE = "trialStore";

    private static final Path ROUTES = Path.of("routes");
    /** A bean that is there as soon as the beans are bound. */
    private static final String BOUND = "storeConversions";

    private final Consumer<Registry> product;

    /** For trials. */
    public ConversionsConfiguration() {
        this(null);
    }

    /** @param product binds the beans of the product */
    ConversionsConfiguration(Consumer<Registry> product) {
        this.product = product;
    }

    @Override
    public void configure(CamelContext context) throws Exception {
        var registry = context.getRegistry();
        if (product != null) {
            product.accept(registry);
        } else if (registry.lookupByName(BOUND) == null) {
            bindTrial(context);
        }
    }

    private static void bindTrial(CamelContext context) throws Exception {
        var settings = Settings.in(Path.of(""));
        var registry = context.getRegistry();
        var beans = new TrialBeans(settings, Clock.systemUTC(), registry);
        var webhook = TrialBeans.webhook(settings.timeZone("webhooks.default-time-zone"));
        var caller = context.createProducerTemplate();
        var store = new TrialStore(
                () -> beans.dryRun(webhook), rows -> caller.requestBody("direct:write-csv", rows, String.class));
        beans.storeIn(store, webhook);
        registry.bind(TRIAL_STORE, store);
        var placeholders = context.getPropertiesComponent();
        placeholders.addOverrideProperty("spool.directory", beans.spool().toString());
        placeholders.addOverrideProperty("metrika.url", "http://metrika.invalid");
        settings.names("inbound.").stream()
                .filter(name -> name.endsWith(".enabled"))
                .forEach(name -> placeholders.addOverrideProperty(name, "true"));
        context.addLifecycleStrategy(new LifecycleStrategySupport() {
            @Override
            public void onContextInitializing(CamelContext initializing) {
                try {
                    CalledRoutes.load(initializing, ROUTES, List.of("write-csv"));
                } catch (Exception e) {
                    throw new IllegalStateException(
                            "The routes that are called cannot be loaded: " + e.getMessage(), e);
                }
            }

            @Override
            public void onContextStopped(CamelContext stopped) {
                try {
                    beans.close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        });
    }
}
