package metrika.conversions.auth;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

import metrika.conversions.http.HttpApiServer;
import metrika.conversions.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What the log and the metrics say of signatures that are refused. */
@Isolated("it reads the log, which a trial of a route silences")
class SignatureRefusalsTest {

    private static final String KEY = "sesame";

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final Logger logger = (Logger) LoggerFactory.getLogger(SignatureRefusals.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final AtomicLong nanos = new AtomicLong();
    private final BodySignature signature = new BodySignature(
            Clock.systemUTC(),
            exchange -> Map.of("order", "private"),
            new SignatureRefusals(
                    source -> new SignatureRefusals.Places("inbound.%s.secret".formatted(source), "signedText"),
                    nanos::get));

    @BeforeEach
    void listen() throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in-shop").routeId("in-shop").log("x");
            }
        });
        context.start();
        Metrics.addRegistry(metrics);
        lines.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(lines);
    }

    @AfterEach
    void leave() throws Exception {
        logger.detachAppender(lines);
        logger.setLevel(null);
        Metrics.removeRegistry(metrics);
        context.close();
    }

    private void verify(String source, String key, Map<String, String> rule) {
        var exchange = new DefaultExchange(context);
        exchange.getExchangeExtension().setFromRouteId("in-own");
        exchange.setVariable("source", source);
        exchange.setVariable("signature-key", key);
        rule.forEach(exchange::setVariable);
        exchange.setProperty(HttpApiServer.SAMPLE_HEADERS, MultiMap.caseInsensitiveMultiMap());
        exchange.setProperty(HttpApiServer.BODY, Buffer.buffer("private"));
        signature.verify(exchange);
    }

    private List<String> told() {
        return lines.list.stream()
                .map(line -> line.getLevel() + " " + line.getFormattedMessage())
                .toList();
    }

    private void assertRefused(String source, Map<String, String> rule) {
        assertThatThrownBy(() -> verify(source, KEY, rule))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.status()).isEqualTo(403));
    }

    @Test
    void aSourceIsToldOfOnceAMinuteWithWhatToLookAt() {
        var text = Map.of("signature", "X-Sign", "signed-text", "{order}");
        assertRefused("shop", text);
        assertRefused("shop", text);
        nanos.set(TimeUnit.SECONDS.toNanos(59));
        assertRefused("shop", text);
        var first = "WARN in-shop: 1 request was refused with 403: the signature in the header X-Sign is missing, wrong"
                + " or too old. Unless somebody forges them, look at the key, inbound.shop.secret, and at what is"
                + " signed: signedText";
        assertThat(told()).containsExactly(first);
        nanos.set(TimeUnit.SECONDS.toNanos(60));
        assertRefused("shop", text);
        assertThat(told()).hasSize(2).last().asString().startsWith("WARN in-shop: 3 requests were refused");
        assertThat(String.join("", told())).doesNotContain(KEY, "private");
        assertThat(metrics.counter("source.signatures.refused", "source", "shop")
                        .count())
                .isEqualTo(4);
    }

    @Test
    void aTokenIsNotSigned() {
        assertRefused("shop", Map.of("signature", "X-Token", "signature-algorithm", "none"));
        assertThat(told()).singleElement().asString().endsWith("look at the key, inbound.shop.secret");
    }

    /** A route may set the variable to what a sender has sent, of which there may be any number. */
    @Test
    void whatIsNoSourceIsNotCountedByItsName() {
        assertRefused("made-up", Map.of("signature", "X-Sign"));
        assertThat(told())
                .singleElement()
                .asString()
                .startsWith("WARN in-own: ")
                .endsWith("what is signed: the body as it was sent");
        assertThat(metrics.find("source.signatures.refused")
                        .tag("source", "own")
                        .counters())
                .hasSize(1);
        assertThat(metrics.find("source.signatures.refused")
                        .tag("source", "made-up")
                        .counters())
                .isEmpty();
    }

    @Test
    void anEmptyKeyIsOneLineWithoutAStack() {
        var rule = Map.of("signature-field", "sign", "signed-text", "{order}{secretKey}");
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> verify("shop", "", rule))
                    .isInstanceOfSatisfying(SignatureSetupException.class, failure -> {
                        assertThat(failure.problem().status()).isEqualTo(503);
                        assertThat(failure.problem().getMessage())
                                .isEqualTo("This source is not set up to check signatures");
                    })
                    .hasMessageContaining("signature-key is missing or empty");
        }
        assertThat(told())
                .containsExactly(
                        "ERROR in-shop: 1 request was refused with 503, since the variables of its route do not"
                                + " say how to check a signature: signature-key is missing or empty: with it the"
                                + " signature in the field sign is made. The setting that it is made of has to"
                                + " have a value");
        assertThat(lines.list.get(0).getThrowableProxy()).isNull();
    }
}
