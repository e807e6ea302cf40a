package metrika.conversions.check;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.apache.camel.CamelContext;
import org.apache.camel.component.http.HttpComponent;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;

import metrika.conversions.logging.LoggingConfig;

/**
 * Stands, while a source is tried on a sample, for the servers that it asks: their answers are recorded beside the
 * sample, in the order of the requests, as {@code order.answer.json}, {@code order.answer2.json}. One that ends in
 * {@code .http} begins with a line such as {@code HTTP/1.1 404 Not Found}, and has headers; any other is a body with
 * status 200.
 */
final class RecordedAnswers implements ExecChainHandler {

    private static final Pattern NAME = Pattern.compile("(.+)\\.answer([2-9]|[1-9][0-9])?\\.[A-Za-z]+");
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})[^\\n]*(?:\\n|$)");
    private static final Pattern BLANK = Pattern.compile("\\r?\\n\\r?\\n");

    /** Of a line below the request. */
    private static final String INDENT = "\n    ";
    /** Of the body of a request, in characters. */
    private static final int MOST_OF_BODY = 1000;

    private final Path sample;
    private final List<Path> answers;
    private final List<String> asked = new ArrayList<>();
    private final List<String> shown = new ArrayList<>();

    private RecordedAnswers(Path sample, List<Path> answers) {
        this.sample = sample;
        this.answers = answers;
    }

    /** Those beside a sample; {@code null} when there are none. */
    static RecordedAnswers of(Path sample) throws IOException {
        try (var files = Files.list(sample.toAbsolutePath().getParent())) {
            var answers = files.filter(file -> isOf(file, stem(sample)))
                    .sorted((one, other) -> Integer.compare(number(one), number(other)))
                    .toList();
            return answers.isEmpty() ? null : new RecordedAnswers(sample, answers);
        }
    }

    /** Whether a file is an answer and no sample. */
    static boolean isOne(Path file) {
        return NAME.matcher(file.getFileName().toString()).matches();
    }

    /** Whether it is an answer to what is asked because of a sample. */
    static boolean isOf(Path file, String stem) {
        var name = NAME.matcher(file.getFileName().toString());
        return name.matches() && name.group(1).equals(stem);
    }

    private static int number(Path file) {
        var name = NAME.matcher(file.getFileName().toString());
        return name.matches() && name.group(2) != null ? Integer.parseInt(name.group(2)) : 1;
    }

    private static String stem(Path sample) {
        return sample.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    }

    /** From now on what routes of a Camel ask by HTTP is answered here. To be called before it starts. */
    void answerAllOf(CamelContext context) {
        for (var scheme : List.of("http", "https")) {
            context.getComponent(scheme, HttpComponent.class)
                    .setHttpClientConfigurer(builder -> builder.addExecInterceptorFirst("recorded-answers", this));
        }
    }

    /** The answers to what was not asked, by the names of their files. */
    List<String> unused() {
        return answers.stream()
                .skip(asked.size())
                .map(answer -> answer.getFileName().toString())
                .toList();
    }

    /** What was asked, with headers and body, without secrets. */
    List<String> asked() {
        return shown;
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException {
        var number = asked.size() + 1;
        asked.add(LoggingConfig.withoutSecrets("%s %s://%s%s"
                .formatted(request.getMethod(), request.getScheme(), request.getAuthority(), request.getPath())));
        shown.add(asked.get(number - 1) + headers(request) + body(request));
        if (number > answers.size()) {
            throw new IllegalArgumentException( // no trouble of a server, which routes catch
                    "no answer is recorded to request %d, %s: put it beside the sample, as %s.answer%d.json"
                            .formatted(number, asked.get(number - 1), stem(sample), number));
        }
        return response(answers.get(number - 1));
    }

    private static String headers(ClassicHttpRequest request) {
        return Arrays.stream(request.getHeaders())
                .map(header -> INDENT + LoggingConfig.withoutSecrets(header.getName() + ": " + header.getValue()))
                .collect(Collectors.joining());
    }

    /** What goes out is answered here, so that a stream may be read to its end. */
    private static String body(ClassicHttpRequest request) throws IOException {
        var entity = request.getEntity();
        if (entity == null) {
            return "";
        }
        var bytes = new ByteArrayOutputStream();
        entity.writeTo(bytes);
        var isTold = entity.getContentType() == null || request.containsHeader("Content-Type");
        var type = isTold ? "" : INDENT + "Content-Type: " + entity.getContentType();
        var text = LoggingConfig.withoutSecrets(bytes.toString(StandardCharsets.UTF_8))
                .strip();
        var part = text.length() > MOST_OF_BODY ? text.substring(0, MOST_OF_BODY) + "…" : text;
        return type + part.lines().map(line -> INDENT + line).collect(Collectors.joining());
    }

    private static ClassicHttpResponse response(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        if (!file.toString().endsWith(".http")) {
            var response = new BasicClassicHttpResponse(200);
            response.setEntity(new ByteArrayEntity(
                    bytes, file.toString().endsWith(".json") ? ContentType.APPLICATION_JSON : null));
            return response;
        }
        var text = new String(bytes, StandardCharsets.ISO_8859_1);
        var status = STATUS.matcher(text);
        if (!status.lookingAt()) {
            throw new IllegalArgumentException(
                    "%s is no recorded answer: it begins with a line such as HTTP/1.1 404 Not Found".formatted(file));
        }
        var response = new BasicClassicHttpResponse(Integer.parseInt(status.group(1)));
        var blank = BLANK.matcher(text);
        var isSplit = blank.find();
        text.substring(status.end(), isSplit ? Math.max(status.end(), blank.start()) : text.length())
                .lines()
                .map(line -> line.split(":", 2))
                .filter(header -> header.length == 2)
                .forEach(header -> response.addHeader(header[0].strip(), header[1].strip()));
        var type = response.getFirstHeader("Content-Type");
        response.setEntity(new ByteArrayEntity(
                isSplit ? Arrays.copyOfRange(bytes, blank.end(), bytes.length) : new byte[0],
                type == null ? null : ContentType.parse(type.getValue())));
        return response;
    }
}
