package metrika.conversions.pull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.Variable;

import metrika.conversions.problem.Json;

/**
 * The tokens by which {@code rest-pull} asks a source: OAuth 2.0 with client credentials (RFC 6749, 4.4). A token is
 * kept until shortly before it expires, for all sources of one client; one that a source refuses is asked for anew,
 * once for each page. The variable {@code token-use} tells whether a page is asked for with a token that was kept.
 */
public final class SourceTokens {

    private static final String USE = "token-use";
    private static final String NONE = "none";
    private static final String KEPT = "kept";
    private static final String MISSING = "missing";
    private static final String NEW = "new";
    private static final String AUTHORIZATION = "authorization";

    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int MAX_BYTES = 64 * 1024;
    /** How long before its end a token is not used any more: a tenth of its time, and no longer than this. */
    private static final long MAX_MARGIN_SECONDS = 60;

    private static final double MAX_SECONDS = 10L * 366 * 24 * 60 * 60;
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");
    /** The codes of RFC 6749, 5.2, and the like: nothing of anybody. */
    private static final Pattern ERROR_CODE = Pattern.compile("[a-z_]{1,40}");

    /** Who a token is for. */
    private record Client(String address, String id, String scope) {

        static Client of(Exchange exchange) {
            return new Client(
                    exchange.getVariable("token-address", String.class),
                    exchange.getVariable("client-id", String.class),
                    exchange.getVariable("scope", String.class));
        }
    }

    /** @param until when it is used the last time */
    private record Token(String text, Instant until) {}

    private final Clock clock;
    /** As many as settings name clients. */
    private final Map<Client, Token> tokens = new ConcurrentHashMap<>();

    /** @param clock that tokens expire by */
    public SourceTokens(Clock clock) {
        this.clock = clock;
    }

    /**
     * Whether a page is still to be asked for: for the first time, or again since a kept token was refused, or since
     * the server has asked for a pause, which is over then. A loop asks before it has made the answer of its last step
     * the next one's message, so a parameter would not find the status.
     */
    public boolean shouldAsk(Exchange exchange) throws InterruptedException {
        var use = exchange.getVariable(USE);
        var status = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        if (use == null || use.equals(KEPT) && status != null && status == UNAUTHORIZED) {
            return true;
        }
        var isWaited = PagePause.isWaited(exchange, exchange.getVariable("pull", PullRun.class), clock);
        if (isWaited) {
            exchange.setVariable(USE, null); // its token was not refused
        }
        return isWaited;
    }

    /** Takes the token that is kept, but not one that was refused just now; leaves the variable {@code token-use}. */
    public void takeKept(Exchange exchange) {
        var client = Client.of(exchange);
        if (client.address().isBlank()) {
            exchange.setVariable(USE, NONE);
            return;
        }
        var isRefused = KEPT.equals(exchange.getVariable(USE));
        var token = tokens.get(client);
        if (isRefused && token != null && header(token).equals(exchange.getVariable(AUTHORIZATION))) {
            tokens.remove(client, token); // unless another source of this client has got a new one meanwhile
            token = null;
        }
        if (token == null || !clock.instant().isBefore(token.until())) {
            exchange.setVariable(USE, MISSING);
            return;
        }
        exchange.setVariable(AUTHORIZATION, header(token));
        exchange.setVariable(USE, isRefused ? NEW : KEPT);
    }

    private static String header(Token token) {
        return "Bearer " + token.text();
    }

    /** Sets the request for a token. */
    public void createRequest(
            Exchange exchange,
            @Variable("token-address") String address,
            @Variable("client-id") String id,
            @Variable("client-secret") String secret,
            @Variable("scope") String scope,
            @Variable("client-authentication") String authentication) {
        var form = new LinkedHashMap<String, String>();
        form.put("grant_type", "client_credentials");
        if (!scope.isBlank()) {
            form.put("scope", scope);
        }
        var message = exchange.getMessage();
        message.removeHeaders("*");
        if (authentication.equals("basic")) {
            var pair = PageAddress.encode(id) + ":" + PageAddress.encode(secret);
            message.setHeader(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        } else if (authentication.equals("form")) {
            form.put("client_id", id);
            form.put("client_secret", secret);
        } else {
            throw new PullException(
                    "clientAuthentication is '%s': form or basic is expected".formatted(authentication));
        }
        message.setHeader(Exchange.HTTP_METHOD, "POST");
        message.setHeader(Exchange.HTTP_URI, address);
        message.setHeader(Exchange.CONTENT_TYPE, "application/x-www-form-urlencoded");
        message.setHeader("Accept", "application/json");
        message.setBody(form.entrySet().stream()
                .map(field -> field.getKey() + "=" + PageAddress.encode(field.getValue()))
                .collect(Collectors.joining("&"))
                .getBytes(StandardCharsets.UTF_8));
        exchange.setVariable(RestPull.REQUEST, "POST " + PageAddress.shown(address));
        exchange.setVariable("token-asked", clock.instant());
    }

    /**
     * Keeps the token that was answered, and takes it.
     *
     * @throws PullException when there is none, with the status and the server's own code
     */
    public void readToken(
            Exchange exchange, @Header(Exchange.HTTP_RESPONSE_CODE) int status, @Variable("token-asked") Instant asked)
            throws IOException {
        var body = exchange.getMessage().getBody(InputStream.class);
        var answer = json(body == null ? new byte[0] : body.readNBytes(MAX_BYTES));
        if (status != OK) {
            var code = answer.path("error").asText();
            throw new PullException(
                    "it gives no token, it answers %d%s%s"
                            .formatted(status, ERROR_CODE.matcher(code).matches() ? " " + code : "", meaning(status)),
                    RetryAfter.seconds(exchange.getMessage().getHeader("Retry-After", String.class), clock),
                    "http_" + status);
        }
        var text = answer.path("access_token").asText();
        if (!TOKEN.matcher(text).matches()
                || !answer.path("token_type").asText("Bearer").equalsIgnoreCase("Bearer")) {
            throw new PullException("it gives no token: JSON with access_token is expected, and the token_type Bearer");
        }
        var token = new Token(text, until(asked, answer.path("expires_in").asDouble(MAX_SECONDS)));
        tokens.put(Client.of(exchange), token);
        exchange.setVariable(AUTHORIZATION, header(token));
        exchange.setVariable(USE, NEW);
    }

    /** Without a time it is used until it is refused. */
    private static Instant until(Instant asked, double seconds) {
        var life = (long) Math.min(MAX_SECONDS, seconds);
        return asked.plusSeconds(life - Math.min(MAX_MARGIN_SECONDS, life / 10));
    }

    private static JsonNode json(byte[] bytes) throws IOException {
        try {
            return Json.MAPPER.readTree(bytes);
        } catch (JsonProcessingException e) {
            return Json.MAPPER.missingNode();
        }
    }

    private static String meaning(int status) {
        return switch (status) {
            case 400, 401, 403 -> ": see clientId, clientSecret, scope and clientAuthentication";
            case 404, 405 -> ": see tokenAddress";
            default -> status / 100 == 3 ? ": it redirects; give the address that it leads to" : "";
        };
    }
}
