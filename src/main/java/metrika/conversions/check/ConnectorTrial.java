package metrika.conversions.check;

import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.PluginHelper;

import metrika.conversions.channels.ChannelSteps;
import metrika.conversions.http.HeaderAllowList;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.problem.HasProblem;
import metrika.conversions.settings.Settings;
import metrika.conversions.sources.ChangedRows;
import metrika.conversions.sources.DroppedFiles;
import metrika.conversions.sources.FileImportSteps;
import metrika.conversions.sources.OrderMessage;
import metrika.conversions.sources.QueueMessages;
import metrika.conversions.sources.TemplatedSources;

/**
 * Runs a connector once on a sample: its route with all that it calls, but without where it takes things from, and
 * without its route configuration: what fails is told, and done nothing about.
 */
public final class ConnectorTrial {

    private static final String DOOR = "direct:trial-of-a-sample";
    private static final Pattern PRECONDITION = Pattern.compile("precondition: *\"?'?\\{\\{([^}:]+)}}");
    private static final String HTTP_SOURCE = "kamelet:http-source";
    /** As the kamelet begins: with headers that are asked of the request. */
    private static final Pattern SOURCE_OVER_HTTP = Pattern.compile("platform-http:.*sourceHeaders.*");

    private static final Pattern KEYED = Pattern.compile("name: *[\"']?idempotency-key\\b");
    private static final Pattern FILES = Pattern.compile("(file|sftp|ftps?|kamelet):.*");

    private final Settings settings;
    private final Registry registry;
    private final DryRunBatchStore store;
    private final RecordedCalls calls;
    private final TrialTrace trace = new TrialTrace();
    /** Whether the route names its messages itself. */
    private boolean keyed;

    /** @param registry has the beans that routes name, the store for trials among them */
    public ConnectorTrial(Settings settings, Registry registry, DryRunBatchStore store) {
        this.settings = settings;
        this.registry = registry;
        this.store = store;
        calls = registry.lookupByNameAndType(RecordedCalls.BEAN, RecordedCalls.class);
    }

    /**
     * Runs it on a sample.
     *
     * @return what it made of the sample, or what it failed with
     */
    public TrialResult of(Path route, String source, Path sample, Path spool, Map<String, String> overrides) {
        try {
            var csv = run(route, source, sample, spool, overrides);
            return new TrialResult(store, csv, null, trace, csv == null ? calls.requests() : null);
        } catch (Exception e) {
            return new TrialResult(store, null, "The connector failed: " + message(e), trace, null);
        }
    }

    private static boolean isBlank(Object value) {
        return value == null || value.toString().isBlank();
    }

    /** What went wrong, without the wrapping. */
    private static String message(Throwable failure) {
        var cause = failure;
        while (!(cause instanceof HasProblem) && cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return cause instanceof HasProblem || cause instanceof IllegalArgumentException
                ? cause.getMessage()
                : cause instanceof CharacterCodingException ? DroppedFiles.reason(cause) : cause.toString();
    }

    /**
     * Runs it.
     *
     * @param source its name, which is the route's without {@code in-}; another than the file's where that is a
     *     template
     * @param spool a folder for what is on its way
     * @param overrides what placeholders are replaced by, where it is not what the installation sets
     * @return the CSV that Metrika would get; {@code null} of a channel
     * @throws Exception what the connector failed with
     */
    private String run(Path route, String source, Path sample, Path spool, Map<String, String> overrides)
            throws Exception {
        // One of its own: a context that is closed clears its registry
        try (var context = new DefaultCamelContext(new DefaultRegistry(registry))) {
            var properties = context.getPropertiesComponent();
            properties.setEncoding("UTF-8");
            properties.setLocation("file:application-%s.properties;optional=true,file:application.properties"
                    .formatted(settings.profile()));
            settings.repair((PropertiesComponent) properties);
            properties.addOverrideProperty("spool.directory", spool.toString());
            properties.addOverrideProperty("metrika.url", "http://metrika.invalid");
            var text = Files.readString(route);
            keyed = KEYED.matcher(text).find();
            var enabled = PRECONDITION.matcher(text);
            if (enabled.find() && (enabled.group(1).endsWith(".enabled") || settings.find(enabled.group(1)) == null)) {
                properties.addOverrideProperty(enabled.group(1), "true");
            }
            overrides.forEach(properties::addOverrideProperty);
            context.addComponent("kafka", new DeadLetterStub());
            context.getComponent("kamelet", KameletComponent.class).setLocation("file:routes/templates");
            trace.watch(context);
            CalledRoutes.load(context, route);
            CalledRoutes.load(context, Path.of("routes"), List.of("write-csv"));
            trace.look(context, route.getFileName().toString().replace(RouteCheck.ROUTE, ""));
            var input = input((ModelCamelContext) context, route, source, overrides);
            var isFile = FILES.matcher(input.getUri()).matches();
            var isChannel = SampleEvent.isWanted(input.getUri());
            var ofTemplate = context.getCamelContextExtension()
                    .getContextPlugin(Model.class)
                    .getRouteDefinition("in-" + source);
            var pulled = PulledSample.of(
                    input.getUri(),
                    ofTemplate == null ? null : ofTemplate.getTemplateParameters(),
                    context::resolvePropertyPlaceholders);
            var polled = PolledSample.of(input.getUri(), context::resolvePropertyPlaceholders);
            if (input.getUri().startsWith("platform-http:")
                    && ((ModelCamelContext) context).getRouteTemplateDefinition("http-source") == null) {
                trace.answersItself();
            }
            var isRequest = SOURCE_OVER_HTTP.matcher(input.getUri()).matches();
            var mail = SampleMail.of(input.getUri(), context::resolvePropertyPlaceholders);
            var isVerified = "true".equals(overrides.get(ConnectorTestCase.VERIFY));
            var file = new SampleFile(context, input);
            input.setUri(DOOR);
            if (isChannel) {
                calls.takeAllOf(context);
            }
            for (var scheme : List.of("http", "https")) { // as application.properties has it
                context.getComponent(scheme, HttpComponent.class).setHeaderFilterStrategy(HeaderAllowList.ofMetrika());
            }
            var answers = RecordedAnswers.of(sample);
            if (answers != null) {
                answers.answerAllOf(context);
                trace.watch(answers);
            }
            context.start();
            try (var caller = context.createProducerTemplate()) {
                if (isChannel) {
                    var steps = registry.lookupByNameAndType("channelSteps", ChannelSteps.class);
                    run(caller, given -> SampleEvent.fill(given, sample, steps, calls), 0, file);
                    return null;
                }
                if (polled != null) {
                    poll(caller, polled, sample, file);
                } else if (pulled == null) {
                    Processor filled = given -> {
                        SampleExchange.fill(given, sample, isFile, mail);
                        if (isRequest) {
                            SampleExchange.asRequest(given);
                            given.setProperty(PermissiveAuthenticator.VERIFY, isVerified);
                        }
                    };
                    run(caller, filled, 0, file);
                } else {
                    var line = 1L;
                    for (var row : pulled.rows(sample)) {
                        trace.pulled("line %d: %s".formatted(line, pulled.describe(row)));
                        run(caller, given -> pulled.fill(given, row), line++, file);
                    }
                }
                return caller.requestBody("direct:write-csv", store.valid(), String.class);
            }
        }
    }

    /** Of several messages, one that is at fault does not keep the next from being tried. */
    private void poll(ProducerTemplate caller, PolledSample polled, Path sample, SampleFile file) throws Exception {
        var queue = registry.lookupByNameAndType("queueMessages", QueueMessages.class);
        var line = 0L;
        for (var message : PolledSample.messages(sample)) {
            line++;
            try {
                if (message != null || polled.takesTombstones()) {
                    run(
                            caller,
                            given -> polled.fill(given, sample, message),
                            PolledSample.isPoll(sample) ? line : 0,
                            file);
                }
            } catch (Exception e) { // of any step
                if (!PolledSample.isPoll(sample) || !queue.isAtFault(e)) {
                    throw e;
                }
                store.refused().add(new RejectedRow(line, "", message(e), List.of()));
            }
        }
    }

    /** @param line of what is run, where it is one of several; 0: it has lines of its own */
    private void run(ProducerTemplate caller, Processor sample, long line, SampleFile file) throws Exception {
        var before = store.refused().size();
        var leftOutBefore = store.leftOut().size();
        var arrivalsBefore = store.arrivals().size();
        var exchange = caller.request(DOOR, given -> {
            sample.process(given);
            file.fill(given);
        });
        trace.ended(exchange, line);
        var failure = failure(exchange);
        trace.moved(file.place(exchange, failure));
        if (failure != null) {
            throw failure;
        }
        var fault = exchange.getVariable(FileImportSteps.FAULT, String.class);
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
        if (ChangedRows.IGNORE.equals(exchange.getVariable("changed"))) {
            store.refused().removeIf(RejectedRow::isChanged);
        }
        if (keyed && store.arrivals().size() > arrivalsBefore && isBlank(exchange.getVariable("idempotency-key"))) {
            store.warnings().add("the route sets the variable idempotency-key, and it is empty for this sample");
        }
        var refused = store.refused().subList(before, store.refused().size());
        if (exchange.getVariable(OrderMessage.VARIABLE) instanceof OrderMessage read) {
            var asked = refused.stream().map(RejectedRow::line).toList();
            refused.addAll(read.refused().stream()
                    .filter(row -> !asked.contains(row.line()))
                    .toList());
        }
        if (line > 0) {
            if (store.arrivals().size() == arrivalsBefore && refused.isEmpty()) {
                trace.endedBefore(exchange, line);
            }
            refused.replaceAll(row -> row.at(line));
            store.leftOut().subList(leftOutBefore, store.leftOut().size()).replaceAll(row -> row.at(line));
        }
    }

    /**
     * What an exchange failed with, also where an error configuration has handled that, as one that answers over HTTP
     * does; {@code null} for what the route itself has caught ({@code doCatch}).
     */
    private static Exception failure(Exchange exchange) {
        var extension = exchange.getExchangeExtension();
        var isHandled = extension.isErrorHandlerHandledSet() && extension.isErrorHandlerHandled();
        return exchange.getException() != null || !isHandled
                ? exchange.getException()
                : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    }

    /**
     * Where a connector takes things from. A kamelet that does something with them is tried too: it is begun in its
     * template.
     */
    private FromDefinition input(ModelCamelContext context, Path route, String source, Map<String, String> overrides)
            throws Exception {
        var name = route.getFileName().toString().replace(RouteCheck.ROUTE, "");
        var template = context.getRouteTemplateDefinition(name);
        if (template != null) {
            TemplatedSources.add(
                    context,
                    template,
                    source,
                    setting -> overrides.getOrDefault(
                            "inbound." + source + "." + setting,
                            TemplatedSources.find(settings, source, name.replaceFirst("^in-", ""), setting)));
        }
        var input = context.getRouteDefinition(template == null ? name : "in-" + source)
                .getInput();
        if (!input.getUri().startsWith(HTTP_SOURCE)) {
            return input;
        }
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(PluginHelper.getResourceLoader(context)
                        .resolveResource("file:routes/templates/http-source.kamelet.yaml"));
        return context.getRouteTemplateDefinition("http-source").getRoute().getInput();
    }
}
