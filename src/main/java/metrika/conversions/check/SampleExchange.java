package metrika.conversions.check;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import jakarta.mail.MessagingException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

import metrika.conversions.http.HeaderAllowList;
import metrika.conversions.http.HttpApiServer;

/**
 * What a connector is tried on: a file as it would be put into a folder, a body as it would be sent, or a whole HTTP
 * request as it was recorded, beginning with a line such as {@code POST /path?query HTTP/1.1}. Headers that a queue
 * gives with a message are in a file {@code <name>.headers.properties} beside it.
 */
final class SampleExchange {

    private static final Pattern REQUEST = Pattern.compile("([A-Z]+) (\\S+) HTTP/1\\.[01](?:\\r?\\n|$)");

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Pattern CHARSET = Pattern.compile("(?i);\\s*charset=\"?([^\";\\s]+)");

    /** How the file with the headers of a sample ends, which begins as the sample does. */
    static final String HEADERS = ".headers.properties";

    private SampleExchange() {}

    /** Where the headers of a sample are; there may be no such file. */
    static Path headers(Path sample) {
        return sample.resolveSibling(sample.getFileName().toString().replaceFirst("\\.[^.]*$", "") + HEADERS);
    }

    /**
     * Makes what has been read of a sample what a source over HTTP gets: of the headers only one passes, Content-Type
     * is asked of the request, and a form is no body before {@code httpBodyReader.read}.
     */
    static void asRequest(Exchange exchange) {
        var message = exchange.getMessage();
        var headers = MultiMap.caseInsensitiveMultiMap();
        message.getHeaders().forEach((name, value) -> {
            if (!name.startsWith("Camel")) {
                headers.add(name, String.valueOf(value));
            }
        });
        exchange.setProperty(HttpApiServer.SAMPLE_HEADERS, headers);
        exchange.setProperty(HttpApiServer.SAMPLE_MESSAGE, message);
        exchange.setProperty(HttpApiServer.BODY, Buffer.buffer(message.getBody(byte[].class)));
        var strategy = HeaderAllowList.ofSources();
        message.getHeaders()
                .keySet()
                .removeIf(name ->
                        !name.startsWith("Camel") && strategy.applyFilterToExternalHeaders(name, null, exchange));
        if (isForm(headers.get(Exchange.CONTENT_TYPE))) {
            message.setBody(null);
        }
    }

    private static boolean isForm(String type) {
        return type != null && type.strip().toLowerCase(Locale.ROOT).startsWith(FORM);
    }

    /**
     * @param isFile whether the connector takes files
     * @param mail how it takes mails; {@code null} of one that takes none
     */
    static void fill(Exchange exchange, Path sample, boolean isFile, SampleMail mail)
            throws IOException, MessagingException {
        if (mail == null) {
            fillBody(exchange, sample, isFile);
            cutLineEnd(exchange.getMessage());
        } else {
            mail.fill(exchange, sample);
        }
        var headers = headers(sample);
        if (Files.exists(headers)) {
            SampleProperties.of(headers).forEach(exchange.getMessage()::setHeader);
        }
    }

    private static void fillBody(Exchange exchange, Path sample, boolean isFile) throws IOException {
        var message = exchange.getMessage();
        var name = sample.getFileName().toString();
        if (isFile) {
            message.setHeader(Exchange.FILE_NAME, name);
            message.setHeader(Exchange.FILE_NAME_ONLY, name);
            message.setBody(sample.toFile());
            return;
        }
        var bytes = Files.readAllBytes(sample);
        var text = new String(bytes, StandardCharsets.ISO_8859_1);
        var request = REQUEST.matcher(text);
        if (!request.lookingAt()) {
            message.setHeader(Exchange.CONTENT_TYPE, type(name));
            message.setBody(bytes);
            return;
        }
        message.setHeader(Exchange.HTTP_METHOD, request.group(1));
        var target = request.group(2).split("\\?", 2);
        message.setHeader(Exchange.HTTP_PATH, target[0]);
        if (target.length > 1) {
            message.setHeader(Exchange.HTTP_QUERY, target[1]);
            Arrays.stream(target[1].split("&"))
                    .map(pair -> pair.split("=", 2))
                    .forEach(pair -> message.setHeader(decoded(pair[0]), pair.length > 1 ? decoded(pair[1]) : ""));
        }
        var blank = Pattern.compile("\\r?\\n\\r?\\n").matcher(text);
        var isSplit = blank.find(request.end() - 1);
        text.substring(request.end(), isSplit ? Math.max(request.end(), blank.start()) : text.length())
                .lines()
                .map(line -> line.split(":", 2))
                .filter(header -> header.length == 2)
                .forEach(header -> message.setHeader(header[0].strip(), header[1].strip()));
        var charset = CHARSET.matcher(message.getHeader(Exchange.CONTENT_TYPE, "", String.class));
        if (charset.find()) {
            exchange.setProperty(Exchange.CHARSET_NAME, charset.group(1)); // as the server does
        }
        message.setBody(isSplit ? Arrays.copyOfRange(bytes, blank.end(), bytes.length) : new byte[0]);
    }

    /** Editors end a file with a line end, which would be a part of a form's last field. */
    private static void cutLineEnd(Message message) {
        if (isForm(message.getHeader(Exchange.CONTENT_TYPE, String.class))
                && message.getBody() instanceof byte[] form
                && form.length > 0
                && form[form.length - 1] == '\n') {
            var isOfTwo = form.length > 1 && form[form.length - 2] == '\r';
            message.setBody(Arrays.copyOf(form, form.length - (isOfTwo ? 2 : 1)));
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String type(String name) {
        var ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return switch (ending) {
            case "json" -> "application/json";
            case "xml" -> "application/xml";
            case "csv" -> "text/csv";
            case "form" -> FORM;
            default -> "application/octet-stream";
        };
    }
}
