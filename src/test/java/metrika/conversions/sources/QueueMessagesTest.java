package metrika.conversions.sources;

import java.io.File;
import java.lang.reflect.Proxy;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.stream.XMLStreamException;

import com.fasterxml.jackson.core.JsonParseException;
import com.jayway.jsonpath.PathNotFoundException;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Predicate;
import org.apache.camel.TypeConversionException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.SAXException;

import metrika.conversions.intake.ConversionStore;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;

/** Which messages of a queue can never be stored, and what is kept of them. */
class QueueMessagesTest {

    @TempDir
    private Path folder;

    private final List<RejectedRow> rows = new ArrayList<>();
    private final List<String> sources = new ArrayList<>();
    private final QueueMessages messages = new QueueMessages(store(), new LeftOutMetrics());
    private Exchange exchange;

    @BeforeEach
    void come() {
        exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getExchangeExtension().setFromRouteId("in-tills");
        exchange.setVariable("webhook", "of-tills");
    }

    /** Remembers what it is to keep. */
    private ConversionStore store() {
        return (ConversionStore) Proxy.newProxyInstance(
                ConversionStore.class.getClassLoader(),
                new Class<?>[] {ConversionStore.class},
                (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("keepRefused");
                    sources.add((String) arguments[1]);
                    ((List<?>) arguments[3]).forEach(row -> rows.add((RejectedRow) row));
                    return null;
                });
    }

    /** What expressions meet in a body that is a list, a number or a text, where they are made for an object. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "${body[after]} | list | true",
                "${body[after]} | number | true",
                "${body[after]} | text | true",
                "${body[after][id]} | nested | true",
                "${body.get('after')} | number | true",
                "${body.put('after', 1)} | list | true",
                "${body.putt('after', 1)} | list | false",
                "${body.putt('after', 1)} | nested | false"
            })
    void anExpressionThatMeetsAnotherShapeIsTheMessagesFault(String expression, String shape, boolean isAtFault)
            throws Exception {
        Map<String, Object> bodies =
                Map.of("list", List.of(Map.of("after", 1)), "number", 5, "text", "after", "nested", Map.of("after", 5));
        try (var context = new DefaultCamelContext()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:x").errorHandler(noErrorHandler()).setBody(simple(expression));
                }
            });
            context.start();
            var ended = context.createProducerTemplate()
                    .request("direct:x", given -> given.getMessage().setBody(bodies.get(shape)));
            assertThat(ended.getException()).isNotNull();
            assertThat(messages.isAtFault(ended.getException()))
                    .as(String.valueOf(ended.getException()))
                    .isEqualTo(isAtFault);
        }
    }

    static Stream<Throwable> faults() {
        return Stream.of(
                ProblemException.of(400, "no JSON"),
                ProblemException.of(409, "another body"),
                ProblemException.of(413, "too large"),
                new PathNotFoundException("$.visitor"),
                new JsonParseException(null, "no JSON"),
                new SAXException("no XML"),
                new XMLStreamException("no XML"),
                new InvalidPayloadException(new DefaultExchange(new DefaultCamelContext()), Integer.class),
                new CharacterCodingException(),
                new DateTimeException("no time"),
                new TypeConversionException("x", Integer.class, new NumberFormatException("x")));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void whatAMessageIsAtFaultForIsKnownAlsoInItsWrapping(Throwable fault) {
        assertThat(messages.isAtFault(fault)).isTrue();
        assertThat(messages.isAtFault(new IllegalStateException(new RuntimeException(fault))))
                .isTrue();
    }

    @Test
    void allElseMayGoWellLater() {
        Stream.of(
                        new SQLException("no database"),
                        ProblemException.of(403, "disabled"),
                        ProblemException.of(404, "no webhook"),
                        ProblemException.of(503, "busy"),
                        new NullPointerException(),
                        new IllegalStateException("a mistake"))
                .forEach(failure -> assertThat(messages.isAtFault(failure))
                        .as(failure.toString())
                        .isFalse());
    }

    private String kept(Object body, Throwable failure) throws Exception {
        exchange.getMessage().setBody(body);
        messages.keep(exchange, "of-tills", failure);
        assertThat(rows).hasSize(1);
        assertThat(sources).containsExactly("tills");
        return rows.get(0).row().get(0);
    }

    @Test
    void aMessageIsKeptWithItsTextAndTheReason() throws Exception {
        assertThat(kept("{\"числ".getBytes(StandardCharsets.UTF_8), ProblemException.of(400, "Line 1")))
                .isEqualTo("{\"числ");
        assertThat(rows.get(0).reason()).isEqualTo("Line 1");
    }

    @Test
    void whatCameBeforeWithAnotherContentIsToldAsThat() throws Exception {
        kept("x", ProblemException.of(409, "The key stands for another body"));
        assertThat(rows.get(0).reason()).isEqualTo(RejectedRow.CHANGED);
    }

    @Test
    void allThatIsWrongIsToldOnce() throws Exception {
        var wrong = Map.of("message", "target is missing");
        kept("x", ProblemException.of(400, "2 of 2", List.of(wrong, wrong, Map.of("message", "price"))));
        assertThat(rows.get(0).reason()).isEqualTo("target is missing; price");
    }

    @Test
    void whatIsNoTextIsKeptAsFarAsItCanBeRead() throws Exception {
        assertThat(kept(new byte[] {'a', (byte) 0xff, 'b'}, ProblemException.of(400, "x")))
                .isEqualTo("a?b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"windows-1251", "koi8-r", "UTF-16"})
    void whatIsNotInUtf8IsKeptAsItCame(String charset) throws Exception {
        var xml = "<?xml version=\"1.0\" encoding=\"%s\"?><Чек>Продажа".formatted(charset);
        var file = Files.write(folder.resolve("1.xml"), xml.getBytes(charset)).toFile();
        var taken = new GenericFile<File>();
        taken.setFile(file);
        assertThat(kept(taken, ProblemException.of(400, "x"))).isEqualTo(xml);
    }

    @Test
    void whatNamesNoEncodingIsKeptInTheOneThatCanBeTold() throws Exception {
        var text = "Спасибо, всё хорошо, покупка";
        assertThat(kept(text.getBytes("windows-1251"), ProblemException.of(400, "x")))
                .isEqualTo(text);
    }

    /** What steps of a route really fail with where it is the message that is wrong. */
    @Test
    void stepsThatFailOnAMessageFindItAtFault() throws Exception {
        try (var context = new DefaultCamelContext()) {
            context.getRegistry().bind("queueMessages", messages);
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:validate").validate((Predicate) xpath("boolean(//Чек)"));
                    from("direct:xpath").setVariable("x", xpath("/Чек/@Номер", String.class));
                    from("direct:jsonpath").setVariable("x", jsonpath("$.visitor.cid"));
                    from("direct:convert").convertBodyTo(Integer.class);
                    from("direct:refuse").bean("queueMessages", "refuse('it has no receipt')");
                }
            });
            context.start();
            try (var caller = context.createProducerTemplate()) {
                for (var step : List.of("validate", "xpath", "jsonpath", "convert", "refuse")) {
                    var failed = caller.request(
                            "direct:" + step, each -> each.getMessage().setBody("<Чек"));
                    assertThat(failed.getException()).as(step).isNotNull();
                    assertThat(messages.isAtFault(failed.getException()))
                            .as(step + ": " + failed.getException())
                            .isTrue();
                }
                var whole = caller.request(
                        "direct:validate", each -> each.getMessage().setBody("<x/>"));
                assertThat(messages.isAtFault(whole.getException())).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docs/connectors.md", "docs/ru/connectors.md"})
    void thePageListsThem(String page) throws Exception {
        var section = Files.readString(Path.of(page))
                .replaceFirst("(?s).*\n### (When a message is at fault|Когда виновато сообщение)\n", "")
                .replaceFirst("(?s)```.*", "");
        assertThat(Pattern.compile("`(\\w+Exception)`(?!\\))")
                        .matcher(section)
                        .results()
                        .map(name -> name.group(1)))
                .containsExactlyInAnyOrderElementsOf(QueueMessages.UNREADABLE_FAULTS.stream()
                        .map(Class::getSimpleName)
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {256 << 10, (256 << 10) + 1})
    void ofALongMessageTheBeginningIsKept(int length) throws Exception {
        assertThat(kept("x".repeat(length), ProblemException.of(400, "x")))
                .startsWith("xxx")
                .hasSizeLessThanOrEqualTo((256 << 10) + 1)
                .matches(text -> text.endsWith("…") == length > 256 << 10);
    }

    @Test
    void whatARouteSaysItselfStays() {
        messages.begin(exchange);
        assertThat(exchange.getVariable("source")).isEqualTo("tills");
        assertThat(exchange.getVariable("bad-rows")).isEqualTo("log");
        exchange.setVariable("source", "shop");
        exchange.setVariable("bad-rows", "refuse");
        messages.begin(exchange);
        assertThat(exchange.getVariable("source")).isEqualTo("shop");
        assertThat(exchange.getVariable("bad-rows")).isEqualTo("refuse");
    }
}
