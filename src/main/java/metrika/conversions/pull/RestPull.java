package metrika.conversions.pull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.Variable;

import metrika.conversions.logging.LoggingConfig;
import metrika.conversions.problem.Json;

/** Makes the requests of the kamelet {@code rest-pull}, and reads what a source answers. */
public final class RestPull {

    private static final int MAX_BYTES = 64 * 1024 * 1024;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int NO_CONTENT = 204;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int FIRST_SERVER_ERROR = 500;
    /** The variable that has what is asked at the moment; {@code null} when nothing is. */
    static final String REQUEST = "request";

    private final Clock clock;

    /** @param clock that a {@code Retry-After} with a date is compared with */
    public RestPull(Clock clock) {
        this.clock = clock;
    }

    /**
     * Sets the request for the next page, a POST where the source gives a body. Leaves the variable {@code request}
     * until the page is read: what is asked, as the log may have it.
     *
     * @throws PullException when there is no such address
     */
    public void createRequest(
            Exchange exchange,
            @Variable("pull") PullRun pull,
            @Variable("address") String address,
            @Variable("authorization") String authorization,
            @Variable("authorization-header") String header,
            @Variable("username") String username,
            @Variable("password") String password) {
        var request = PageRequest.of(
                address, PageRequest.template(exchange), pull.getCursor(), pull.page(), PageCount.of(exchange));
        var message = exchange.getMessage();
        set(exchange, request.address(), request.body(), exchange.getVariable("headers", "", String.class));
        if (!username.isBlank() && !authorization.isBlank()) {
            throw new PullException("username is given besides authorization or tokenAddress: give one of them");
        }
        if (!username.isBlank()) {
            message.setHeader(header, basic(username, password));
        } else if (!authorization.isBlank()) {
            message.setHeader(header, authorization);
        }
    }

    /** Makes a message the request, without credentials; leaves the variable {@code request}. */
    static void set(Exchange exchange, String address, RequestBody body, String headers) {
        var message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_METHOD, body.method());
        message.setHeader(Exchange.HTTP_URI, address);
        message.setBody(body.isGiven() ? body.text().getBytes(StandardCharsets.UTF_8) : null);
        if (body.isGiven()) {
            message.setHeader(Exchange.CONTENT_TYPE, body.contentType());
        }
        FurtherHeaders.set(message, headers);
        exchange.setVariable(REQUEST, body.method() + " " + PageAddress.shown(address));
    }

    /**
     * What is wrong with the body that a source gives, whatever the page.
     *
     * @return {@code null} when nothing is
     */
    public static String fault(String body, String contentType) {
        try {
            new RequestBody(body, contentType).fill(PageRequest.PLACES, place -> "1");
            return null;
        } catch (PullException e) {
            return e.getMessage();
        }
    }

    /** Credentials of basic authentication (RFC 7617). */
    static String basic(String username, String password) {
        var pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /**
     * Reads a page; leaves its rows as the body.
     *
     * @return the rows, each a map; of pages that are counted those that were not read before in this pull
     * @throws PullException when the source did not answer with a page, with its status and when to ask again
     */
    public List<Map<String, ?>> readPage(
            Exchange exchange,
            @Header(Exchange.HTTP_RESPONSE_CODE) int status,
            @Variable("pull") PullRun pull,
            @Variable("rows") String rowsPath,
            @Variable("next") String nextPath)
            throws IOException {
        var count = PageCount.of(exchange);
        var body = exchange.getMessage().getBody(InputStream.class);
        var bytes = body == null ? new byte[0] : body.readNBytes(MAX_BYTES + 1);
        var isPastTheEnd = status == NOT_FOUND && count.isCounted() && pull.page() != null && isJson(bytes);
        if (status != OK && status != NO_CONTENT && !isPastTheEnd) {
            throw new PullException(
                    "it answers %d%s".formatted(status, meaning(status, exchange)) + LoggingConfig.beginning(bytes),
                    RetryAfter.seconds(exchange.getMessage().getHeader("Retry-After", String.class), clock),
                    "http_" + status);
        }
        exchange.setVariable("next-page", null);
        exchange.setVariable("token-use", null);
        if (status != OK || bytes.length == 0) {
            exchange.setVariable(REQUEST, null);
            return List.of();
        }
        if (bytes.length > MAX_BYTES) {
            throw new PullException("its page has more than %d bytes: ask for smaller pages".formatted(MAX_BYTES));
        }
        var page = read(bytes);
        var rows = rows(page, rowsPath);
        var next = count.isCounted()
                ? count.after(pull.page(), rows, page)
                : nextPath.isBlank() ? null : FieldPath.find(page, nextPath);
        if (count.isCounted()) {
            pull.countPages();
        }
        if (next != null && count.isCounted() && !rows.isEmpty() && !pull.isNew(rows)) {
            throw new PullException(
                    "the page before %s has the rows of the one before it: it does not go by {page} or {offset}, or"
                                    .formatted(next)
                            + " gives its last page for those after it; give pageSize, or another one, so that the last page is not full");
        }
        exchange.setVariable("next-page", next == null || next.toString().isBlank() ? null : next.toString());
        exchange.setVariable(REQUEST, null);
        return count.isCounted() ? pull.unread(rows) : rows;
    }

    /**
     * The rows of a page.
     *
     * @param page as JSON
     * @param path of the list of rows
     * @throws PullException when there are none in it
     */
    public static List<Map<String, ?>> rows(byte[] page, String path) throws IOException {
        return rows(read(page), path);
    }

    /** Whether the API says itself that there is no such page: a proxy before it may answer 404 for a moment. */
    private static boolean isJson(byte[] body) {
        try {
            return Json.MAPPER.readTree(body).isContainerNode();
        } catch (IOException e) {
            return false;
        }
    }

    private static Object read(byte[] bytes) throws IOException {
        try {
            return Json.MAPPER.readValue(bytes, Object.class);
        } catch (JsonProcessingException e) {
            var place = e.getLocation();
            throw new PullException("what it answers is no JSON, from line %d, column %d on"
                    .formatted(place == null ? 1 : place.getLineNr(), place == null ? 1 : place.getColumnNr()));
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, ?>> rows(Object page, String path) {
        if (!(FieldPath.find(page, path) instanceof List<?> found)) {
            throw new PullException("what it answers has no list %s"
                    .formatted(path.isEmpty() ? "of rows" : "at '%s' (rows)".formatted(path)));
        }
        var rows = new ArrayList<Map<String, ?>>();
        for (var row : found) {
            if (!(row instanceof Map<?, ?>)) {
                throw new PullException("row %d of its page is no object".formatted(rows.size() + 1));
            }
            rows.add((Map<String, ?>) row);
        }
        return rows;
    }

    private static boolean isGiven(Exchange exchange, String variable) {
        return !exchange.getVariable(variable, "", String.class).isBlank();
    }

    private static String meaning(int status, Exchange exchange) {
        return switch (status) {
            case 401, 403 ->
                isGiven(exchange, "token-address")
                        ? ": the token is refused; see clientId, scope and authorizationHeader"
                        : isGiven(exchange, "username")
                                ? ": the credentials are refused; give others (username, password)"
                                : ": the credentials are refused; give others (address, username, authorization, authorizationHeader)";
            case NOT_FOUND -> ": there is nothing at this address";
            case TOO_MANY_REQUESTS -> ": it was asked too often";
            default ->
                status >= FIRST_SERVER_ERROR
                        ? ": it is out of order"
                        : status / 100 == 3 ? ": it redirects; give the address that it leads to" : "";
        };
    }
}
