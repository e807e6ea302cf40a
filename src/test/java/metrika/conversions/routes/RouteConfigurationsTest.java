package metrika.conversions.routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.camel.BindToRegistry;
import org.apache.camel.EndpointInject;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Produce;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.test.main.junit5.CamelMainTest;
import org.apache.camel.test.main.junit5.Configure;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.delivery.FailureRecorder;
import metrika.conversions.delivery.MetrikaResponseParser;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.problem.ProblemMapper;
import metrika.conversions.sources.DroppedFiles;
import metrika.conversions.sources.QueueMessages;
import metrika.conversions.sources.ScheduledSources;
import metrika.conversions.sources.TriedFiles;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the route configurations make of a failure: those of {@code routes/errors} as they are, but for the pauses of
 * redeliveries, on routes that fail as they are told.
 */
@CamelMainTest(mockEndpointsAndSkip = "direct:record-metrika-failure|direct:keep-message")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RouteConfigurationsTest {

    private static final List<String> CONFIGURATIONS = List.of(
            "on-error-api",
            "on-error-metrika",
            "on-error-schedule",
            "on-error-source",
            "on-error-kafka",
            "on-error-queue",
            "on-error-mail");
    private static final String PAUSE = "redeliveryDelay: \"1000\"";

    @Produce
    private ProducerTemplate caller;

    @BindToRegistry("problemMapper")
    private final ProblemMapper problemMapper = new ProblemMapper();

    @BindToRegistry("failureRecorder")
    private final FailureRecorder failureRecorder = new FailureRecorder();

    private final List<String> told = new CopyOnWriteArrayList<>();

    @BindToRegistry("routeFailureLogger")
    private final Processor routeFailureLogger =
            exchange -> told.add(failure(exchange).getMessage());

    private final MetrikaResponseParser metrika =
            new MetrikaResponseParser(Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC));

    @EndpointInject("mock:direct:record-metrika-failure")
    private MockEndpoint recorded;

    @BindToRegistry("scheduledSources")
    private final ScheduledSources scheduled = new ScheduledSources();

    @BindToRegistry("queueMessages")
    private final QueueMessages queueMessages = new QueueMessages(null, null);

    @BindToRegistry("droppedFiles")
    private final DroppedFiles droppedFiles = new DroppedFiles(null, new TriedFiles(), null);

    @EndpointInject("mock:direct:keep-message")
    private MockEndpoint kept;

    private final AtomicInteger tries = new AtomicInteger();
    private Processor step;

    @TempDir
    private Path directory;

    @Configure
    void configure(MainConfigurationProperties configuration) throws IOException {
        var pattern = new StringBuilder();
        try (var files = Files.list(Path.of("routes/errors"))) {
            for (var file : files.toList()) {
                var text = Files.readString(file);
                var copy = directory.resolve(file.getFileName());
                Files.writeString(
                        copy,
                        text.replace(PAUSE, PAUSE.replace("1000", "1"))
                                .replace("maximumRedeliveryDelay: \"10000\"", "maximumRedeliveryDelay: \"5\""));
                pattern.append(pattern.isEmpty() ? "" : ",").append("file:").append(copy);
            }
        }
        configuration.setRoutesIncludePattern(pattern.toString());
        configuration.addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                for (var each : CONFIGURATIONS) {
                    from("direct:" + each)
                            .routeId(each + "-route")
                            .routeConfigurationId(each)
                            .process(exchange -> {
                                tries.incrementAndGet();
                                step.process(exchange);
                            });
                }
            }
        });
    }

    @BeforeEach
    void forget() {
        recorded.reset();
        kept.reset();
        tries.set(0);
        told.clear();
    }

    private static Throwable failure(Exchange exchange) {
        var failure = exchange.getException() != null
                ? exchange.getException()
                : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        // Camel wraps an error into an exception
        return failure.getCause() == null ? failure : failure.getCause();
    }

    private Exchange run(String configuration, Processor fails) {
        step = fails;
        return caller.request("direct:" + configuration, exchange -> {
            exchange.getMessage().setHeader("Authorization", "Bearer secret");
            exchange.getMessage().setBody("what came");
        });
    }

    /** What a call to Metrika ends with that is answered so. */
    private Processor answered(int status, String type) {
        return exchange -> {
            exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
            exchange.getMessage().setBody("{\"errors\": [{\"error_type\": \"%s\"}]}".formatted(type));
            metrika.readAnswer(exchange, "post-upload", Map.of(), null, null);
        };
    }

    @Test
    void aProblemIsTheAnswerAndNothingOfTheRequestIs() {
        var answer = run("on-error-api", exchange -> {
            throw ProblemException.of(404, "There is no such webhook").header("X-Told", "yes");
        });
        assertThat(answer.getException()).isNull();
        assertThat(answer.getMessage().getHeaders())
                .containsOnlyKeys(Exchange.HTTP_RESPONSE_CODE, Exchange.CONTENT_TYPE, "X-Told")
                .containsEntry(Exchange.HTTP_RESPONSE_CODE, 404)
                .containsEntry(Exchange.CONTENT_TYPE, "application/problem+json");
        assertThat(answer.getMessage().getBody(String.class)).contains("\"detail\":\"There is no such webhook\"");
        assertThat(tries).hasValue(1);
    }

    @Test
    void ofAFaultOfOursOnlyAnIdIsTold() {
        for (var fault : List.of(new IllegalStateException("the inside"), new NoClassDefFoundError("the inside"))) {
            var answer = run("on-error-api", exchange -> {
                if (fault instanceof Error error) {
                    throw error;
                }
                throw (Exception) fault;
            });
            assertThat(answer.getException()).isNull();
            assertThat(answer.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE))
                    .isEqualTo(500);
            assertThat(answer.getMessage().getBody(String.class))
                    .contains("error id")
                    .doesNotContain("the inside");
        }
    }

    @ParameterizedTest
    @CsvSource({"57014, took the database too long, 5", "55P03, lock, 1", "40P01, Others, 1", "08006, reached, 5"})
    void whatTheDatabaseCannotDoNowIsToBeAskedAgain(String state, String told, String seconds) {
        var answer = run("on-error-api", exchange -> {
            throw new IllegalStateException(new SQLException("inside", state));
        });
        assertThat(answer.getMessage().getHeaders())
                .containsEntry(Exchange.HTTP_RESPONSE_CODE, 503)
                .containsEntry("Retry-After", seconds);
        assertThat(answer.getMessage().getBody(String.class)).contains(told).doesNotContain("inside");
    }

    @Test
    void whatMetrikaForbidsForASecondIsTriedAgainOnTheSpot() throws Exception {
        var busy = answered(429, "quota_requests_by_ip");
        recorded.expectedMessageCount(0);
        var done = run("on-error-metrika", exchange -> {
            if (tries.get() < 4) {
                busy.process(exchange);
            }
            exchange.setVariable("sent", true);
        });
        assertThat(done.getException()).isNull();
        assertThat(done.getVariable("sent")).isEqualTo(true);
        assertThat(tries).hasValue(4);
        recorded.assertIsSatisfied();
    }

    @Test
    void whatStaysIsRecordedOnce() throws Exception {
        recorded.expectedMessageCount(1);
        recorded.expectedMessagesMatches(
                exchange -> failure(exchange).getMessage().contains("quota_requests_by_ip"));
        var done = run("on-error-metrika", answered(429, "quota_requests_by_ip"));
        assertThat(done.getException()).isNull();
        assertThat(tries).hasValue(4);
        recorded.assertIsSatisfied();
    }

    @ParameterizedTest
    @CsvSource({"429, quota_requests_by_uid", "400, invalid_uploading", "403, access_denied", "500, backend_error"})
    void whatTakesLongerIsRecordedAtOnce(int status, String type) throws Exception {
        recorded.expectedMessageCount(1);
        var done = run("on-error-metrika", answered(status, type));
        assertThat(done.getException()).isNull();
        assertThat(tries).hasValue(1);
        recorded.assertIsSatisfied();
    }

    @Test
    void whatIsNoAnswerOfMetrikaIsRecordedAtOnce() throws Exception {
        recorded.expectedMessageCount(1);
        var done = run("on-error-metrika", exchange -> {
            throw new IOException("Connection reset");
        });
        assertThat(done.getException()).isNull();
        assertThat(tries).hasValue(1);
        recorded.assertIsSatisfied();
    }

    @Test
    void ofAScheduleTheLogIsToldAndTheNextTimeComes() {
        var done = run("on-error-schedule", exchange -> {
            throw new NoClassDefFoundError("a fault");
        });
        assertThat(done.getException()).isNull();
        assertThat(tries).hasValue(1);
        assertThat(told).containsExactly("a fault");
    }

    @Test
    void aSourceIsLeftItsFailureSoThatItKeepsWhatItHas() {
        var done = run("on-error-source", exchange -> {
            throw new SQLException("no database");
        });
        assertThat(done.getException()).hasMessage("no database");
        assertThat(tries).hasValue(1);
        assertThat(told).containsExactly("no database");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 9})
    void aMessageOfKafkaIsTriedThreeTimesMoreThenItsConsumerIsLeftTheFailure(int failures) {
        var done = run("on-error-kafka", exchange -> {
            if (tries.get() <= failures) {
                throw new SQLException("no database");
            }
        });
        assertThat(tries).hasValue(Math.min(failures + 1, 4));
        if (failures < 4) {
            assertThat(done.getException()).isNull();
        } else {
            assertThat(done.getException()).hasMessage("no database");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 409, 413})
    void aMessageOfAQueueThatCanNeverBeStoredIsKeptAsItCame(int status) throws Exception {
        var fault = ProblemException.of(status, "It breaks a rule");
        kept.expectedMessageCount(1);
        var done = run("on-error-queue", exchange -> {
            exchange.getMessage().setBody("what was made of it");
            throw fault;
        });
        kept.assertIsSatisfied();
        assertThat(done.getException()).as("it is acknowledged").isNull();
        assertThat(tries).hasValue(1);
        var message = kept.getExchanges().get(0);
        assertThat(message.getMessage().getBody()).isEqualTo("what came");
        assertThat(message.getVariable("failure")).isSameAs(fault);
    }

    @Test
    void aMessageOfAQueueIsTriedUntilWhatIsAwayIsBack() throws Exception {
        kept.expectedMessageCount(0);
        var failures = List.of(
                new SQLException("no database"),
                ProblemException.of(404, "There is no webhook"),
                ProblemException.of(503, "Not now"),
                new NullPointerException("a mistake"),
                new NoClassDefFoundError("a fault"));
        var done = run("on-error-queue", exchange -> {
            if (tries.get() <= 2 * failures.size()) {
                var failure = failures.get(tries.get() % failures.size());
                if (failure instanceof Error error) {
                    throw error;
                }
                throw (Exception) failure;
            }
        });
        assertThat(done.getException()).isNull();
        assertThat(tries).hasValue(2 * failures.size() + 1);
        assertThat(told).hasSize(2 * failures.size());
        kept.assertIsSatisfied();
    }

    @Test
    void aMailIsTriedAgainAtTheNextPollUnlessItIsAtFaultAndKept() {
        var done = run("on-error-mail", exchange -> {
            throw new SQLException("no database");
        });
        assertThat(done.getException()).hasMessage("no database");
        assertThat(tries).hasValue(1);
        assertThat(told).containsExactly("no database");
        done = run("on-error-mail", exchange -> {
            throw ProblemException.of(400, "It breaks a rule");
        });
        assertThat(done.getException()).as("there is no store to keep it in").isNotNull();
        assertThat(done.getMessage().getHeader("moveTo")).isNull();
    }

    @Test
    void pausesBetweenTriesAreSecondsThatDouble() throws IOException {
        for (var file : List.of("on-error-metrika", "on-error-kafka")) {
            assertThat(Files.readString(Path.of("routes/errors", file + ".camel.yaml")))
                    .contains(PAUSE, "maximumRedeliveries: 3", "useExponentialBackOff: true", "backOffMultiplier: 2");
        }
    }
}
