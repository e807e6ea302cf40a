package metrika.conversions.pull;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** How long a token is kept, and what is said of an OAuth server that gives none. */
class SourceTokensTest {

    private static final class Hand extends Clock {

        private Instant now = Instant.parse("2025-11-01T12:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        void pass(String time) {
            now = now.plus(Duration.parse(time));
        }
    }

    private final Hand clock = new Hand();
    private final SourceTokens tokens = new SourceTokens(clock);
    private final DefaultCamelContext camel = new DefaultCamelContext();

    @AfterEach
    void end() throws Exception {
        camel.close();
    }

    private Exchange pull(String scope) {
        var exchange = new DefaultExchange(camel);
        Map.of(
                        "token-address",
                        "https://shop.example/oauth/token?a=b",
                        "client-id",
                        "me & you",
                        "client-secret",
                        "s:3",
                        "scope",
                        scope,
                        "authorization",
                        "")
                .forEach(exchange::setVariable);
        return exchange;
    }

    private void answer(Exchange exchange, int status, String answer) throws Exception {
        request(exchange, "form");
        exchange.getMessage().setBody(answer.getBytes(StandardCharsets.UTF_8));
        tokens.readToken(exchange, status, exchange.getVariable("token-asked", Instant.class));
    }

    private void request(Exchange exchange, String authentication) {
        tokens.createRequest(
                exchange,
                exchange.getVariable("token-address", String.class),
                exchange.getVariable("client-id", String.class),
                exchange.getVariable("client-secret", String.class),
                exchange.getVariable("scope", String.class),
                authentication);
    }

    private String use(Exchange exchange) {
        tokens.takeKept(exchange);
        return exchange.getVariable("token-use", String.class) + " "
                + exchange.getVariable("authorization", String.class);
    }

    private boolean isToBeAsked(String use, Integer status) throws InterruptedException {
        var exchange = pull("");
        exchange.setVariable("token-use", use);
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        return tokens.shouldAsk(exchange);
    }

    @ParameterizedTest
    @CsvSource({
        "'\"expires_in\": 600', PT9M, PT1S",
        "'\"expires_in\": \"20\"', PT18S, PT1S",
        "'\"expires_in\": 86400', PT23H59M, PT1S",
        "'\"other\": 1', P3650D, P20D"
    })
    void aTokenIsKeptUntilShortlyBeforeItExpires(String expiry, String kept, String more) throws Exception {
        assertThat(use(pull(""))).isEqualTo("missing ");
        answer(pull(""), 200, "{\"access_token\": \"T1\", \"token_type\": \"bearer\", %s}".formatted(expiry));
        clock.pass(kept);
        clock.pass("-PT0.001S");
        assertThat(use(pull(""))).isEqualTo("kept Bearer T1");
        assertThat(use(pull("other"))).as("another client").isEqualTo("missing ");
        clock.pass(more);
        assertThat(use(pull(""))).isEqualTo("missing ");
    }

    @Test
    void aPageIsAskedForOnceMoreWithANewToken() throws Exception {
        answer(pull(""), 200, "{\"access_token\": \"T1\"}");
        var page = pull("");
        assertThat(isToBeAsked(null, null)).isTrue();
        assertThat(use(page)).isEqualTo("kept Bearer T1");
        assertThat(isToBeAsked("kept", 200)).isFalse();
        assertThat(isToBeAsked("kept", 401)).isTrue();
        assertThat(use(page)).startsWith("missing ");
        answer(page, 200, "{\"access_token\": \"T2\"}");
        assertThat(page.getVariable("authorization")).isEqualTo("Bearer T2");
        assertThat(isToBeAsked(page.getVariable("token-use", String.class), 401))
                .as("it was new")
                .isFalse();
        assertThat(isToBeAsked("none", 401)).as("there are no tokens").isFalse();
    }

    @Test
    void aTokenThatAnotherSourceHasGotMeanwhileIsTakenOnce() throws Exception {
        answer(pull(""), 200, "{\"access_token\": \"T1\"}");
        var page = pull("");
        use(page);
        answer(pull(""), 200, "{\"access_token\": \"T2\"}");
        assertThat(use(page)).isEqualTo("new Bearer T2");
        assertThat(use(pull(""))).isEqualTo("kept Bearer T2");
    }

    @Test
    void aSourceWithoutAnOAuthServerKeepsItsCredentials() {
        var page = pull("");
        page.setVariable("token-address", "");
        page.setVariable("authorization", "Basic x");
        assertThat(use(page)).isEqualTo("none Basic x");
    }

    @Test
    void theClientIsNamedInTheFormOrInTheHeader() {
        var form = pull("a b");
        request(form, "form");
        assertThat(form.getMessage().getBody(String.class))
                .isEqualTo("grant_type=client_credentials&scope=a%20b&client_id=me%20%26%20you&client_secret=s%3A3");
        assertThat(form.getMessage().getHeader("Authorization")).isNull();
        var basic = pull("");
        request(basic, "basic");
        assertThat(basic.getMessage().getBody(String.class)).isEqualTo("grant_type=client_credentials");
        assertThat(basic.getMessage().getHeader("Authorization")).isEqualTo("Basic bWUlMjAlMjYlMjB5b3U6cyUzQTM=");
        assertThatThrownBy(() -> request(pull(""), "body"))
                .hasMessage("clientAuthentication is 'body': form or basic is expected");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401 | {\"error\": \"invalid_client\", \"error_description\": \"anna\"}"
                        + " | it gives no token, it answers 401 invalid_client: see clientId, clientSecret, scope and clientAuthentication",
                "400 | {\"error\": \"Anna, 8 800\"}"
                        + " | it gives no token, it answers 400: see clientId, clientSecret, scope and clientAuthentication",
                "404 | <html> | it gives no token, it answers 404: see tokenAddress",
                "503 | | it gives no token, it answers 503",
                "302 | | it gives no token, it answers 302: it redirects; give the address that it leads to",
                "200 | {\"access_token\": \"\"} | it gives no token: JSON with access_token is expected, and the token_type Bearer",
                "200 | {\"access_token\": \"a b\"} | it gives no token: JSON with access_token is expected, and the token_type Bearer",
                "200 | {\"access_token\": \"a\", \"token_type\": \"mac\"}"
                        + " | it gives no token: JSON with access_token is expected, and the token_type Bearer",
            })
    void whyThereIsNoTokenIsTold(int status, String answer, String told) {
        var page = pull("");
        assertThatThrownBy(() -> answer(page, status, answer == null ? "" : answer))
                .isInstanceOf(PullException.class)
                .hasMessage(told);
        assertThat(page.getVariable("request")).isEqualTo("POST https://shop.example/oauth/token");
    }
}
