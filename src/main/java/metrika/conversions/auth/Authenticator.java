package metrika.conversions.auth;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.Exchange;

import metrika.conversions.http.HttpApiServer;
import metrika.conversions.ids.Uuids;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.steps.NonBlocking;

/**
 * Who may do what. Credentials are read from the request itself, not from Camel's headers, among which query parameters
 * stand too: a secret in a URL ends in the logs of every proxy on the way, so only sources may give it there.
 *
 * <p>A caller is rejected from memory, with the same response and at the same cost whether the webhook exists or not.
 * An authenticated caller is confirmed by the database: a sender of conversions by the statement that stores them,
 * everyone else at once. So a change made by one process holds on every other one.
 */
public final class Authenticator {

    /** The variable that holds the {@link Webhook} of an authenticated caller. */
    public static final String WEBHOOK = "webhook";
    /** The variable with the caller's name, for the audit: an administrator's, or {@code sender}. */
    public static final String ACTOR = "actor";
    /** The variable with the address that the request came from. */
    public static final String ADDRESS = "address";
    /** The variable with the {@code webhook-id} of a signed request. */
    public static final String MESSAGE_ID = "message-id";

    /** The exchange's property: its message is not the request any more once a statement has run. */
    private static final String IS_AUTHORIZED = "isAuthorized";

    private final ApiSecurity security;
    private final WebhookRepository webhooks;
    private final AdminTokens admins;
    private final Duration tolerance;
    private final Function<Exchange, String> address;
    private final Predicate<HttpServerRequest> isLocal;
    private final Clock clock;

    /**
     * @param security who may call which operation
     * @param tolerance how far the timestamp of a signed request may lie from this machine's clock
     * @param address where a request comes from
     * @param isLocal whether it comes from this machine: where no administrator has a token, nobody else is one
     */
    public Authenticator(
            ApiSecurity security,
            WebhookRepository webhooks,
            AdminTokens admins,
            Duration tolerance,
            Function<Exchange, String> address,
            Predicate<HttpServerRequest> isLocal,
            Clock clock) {
        this.security = security;
        this.webhooks = webhooks;
        this.admins = admins;
        this.tolerance = tolerance;
        this.address = address;
        this.isLocal = isLocal;
        this.clock = clock;
    }

    /**
     * Authenticates the caller as the operation's {@code security} requires, confirmed by the database. Once for an
     * exchange.
     */
    public void authorize(Exchange exchange) throws SQLException {
        if (exchange.getProperty(IS_AUTHORIZED, false, Boolean.class)) {
            return;
        }
        switch (security.callerOf(exchange)) {
            case ADMIN -> authenticateAdmin(exchange);
            case SENDER -> authenticateSender(exchange);
            case SENDER_OR_ADMIN -> authenticateSenderOrAdmin(exchange);
            case ANYONE -> {}
        }
        exchange.setProperty(IS_AUTHORIZED, true);
    }

    /**
     * Authenticates the sender of an active webhook. The database has not confirmed it yet: the statement that stores
     * the conversions does so.
     */
    @NonBlocking
    public void authorizeSending(Exchange exchange) throws SQLException {
        if (security.callerOf(exchange) != ApiSecurity.Caller.SENDER) {
            throw new IllegalStateException(
                    "conversions are sent by whoever has the webhook's secret, and by nobody else");
        }
        var caller = exchange.getProperty(HttpApiServer.CALLER, Webhook.class);
        if (caller != null && webhooks.isOpenTo(caller)) {
            accept(exchange, caller);
        } else {
            authenticateForActiveWebhook(exchange, new Credentials(exchange), WebhookRepository::wrongCredentials);
        }
    }

    /**
     * Lets a source in to a webhook that takes conversions, as {@link #authorizeSending} does. A system that can be
     * told a URL and nothing else gives the secret as the parameter {@code secret}, one that can be told a user and a
     * password as that password; the operations of the API take it from the header alone.
     */
    public void authorizeSource(Exchange exchange) throws SQLException {
        authenticateForActiveWebhook(
                exchange, Credentials.ofSource(exchange), WebhookRepository::wrongSourceCredentials);
    }

    private void authenticateAdmin(Exchange exchange) {
        var name = administrator(Credentials.request(exchange));
        if (name.isEmpty()) {
            throw noAdmin();
        }
        var refusal = admins.refusal(name.get(), Credentials.request(exchange).method());
        if (refusal != null) {
            throw refusal;
        }
        exchange.setVariable(ACTOR, name.get());
        exchange.setVariable(ADDRESS, address.apply(exchange));
    }

    /** Also to a webhook that is switched off, for questions about what was sent before. */
    private void authenticateSender(Exchange exchange) throws SQLException {
        var credentials = new Credentials(exchange);
        var webhook = verifyCredentials(exchange, credentials, WebhookRepository::wrongCredentials);
        var confirmed = credentials.open(webhooks.find(webhook.id())).orElseThrow(WebhookRepository::wrongCredentials);
        acceptSender(exchange, credentials, confirmed);
    }

    private void authenticateForActiveWebhook(
            Exchange exchange, Credentials credentials, Supplier<ProblemException> refusal) throws SQLException {
        var webhook = verifyCredentials(exchange, credentials, refusal);
        if (!webhook.isActive()) {
            // Perhaps not any more: asked like this, few are, and none in vain.
            webhook = webhooks.renewed(webhook);
        }
        acceptSender(exchange, credentials, webhook);
    }

    private void authenticateSenderOrAdmin(Exchange exchange) throws SQLException {
        if (comesAsSender(Credentials.request(exchange))) {
            authenticateSender(exchange);
            return;
        }
        authenticateAdmin(exchange);
        var id = exchange.getMessage().getHeader("webhook_id", String.class);
        var found = webhooks.find(Uuids.parse(id).orElse(Credentials.NOBODY));
        exchange.setVariable(
                WEBHOOK, found.orElseThrow(() -> WebhookRepository.unknown(id)).webhook());
    }

    /**
     * What memory says of who calls an operation, before the body is read. Blocks nothing.
     *
     * @param webhook the id, as it is in the path; {@code null} where there is none
     */
    PreAuthentication preAuthenticate(ApiSecurity.Caller caller, String webhook, HttpServerRequest request) {
        return switch (caller) {
            case ANYONE -> PreAuthentication.UNDECIDED;
            case ADMIN -> preAuthenticateAdmin(request);
            case SENDER -> preAuthenticateSender(webhook, request);
            case SENDER_OR_ADMIN ->
                comesAsSender(request) ? preAuthenticateSender(webhook, request) : preAuthenticateAdmin(request);
        };
    }

    /** All administrators are in memory. */
    private PreAuthentication preAuthenticateAdmin(HttpServerRequest request) {
        var name = administrator(request);
        var refusal = name.isEmpty() ? noAdmin() : admins.refusal(name.get(), request.method());
        return refusal == null ? PreAuthentication.ALLOWED : PreAuthentication.denied(refusal, false);
    }

    private PreAuthentication preAuthenticateSender(String webhook, HttpServerRequest request) {
        return preAuthenticate(new Credentials(webhook, request, null), WebhookRepository.wrongCredentials());
    }

    private Optional<String> administrator(HttpServerRequest request) {
        return admins.areNamed() || isLocal.test(request)
                ? admins.name(request.getHeader("Authorization"))
                : Optional.empty();
    }

    /**
     * The same of a request to a source, whose secret may stand in the URL, and of one that posts a form in that, which
     * is not read yet: who says none so far may still do so.
     */
    PreAuthentication preAuthenticateSource(String webhook, HttpServerRequest request) {
        var type = request.getHeader("Content-Type");
        var decision = preAuthenticate(
                new Credentials(webhook, request, null, Credentials.secretOfSource(request)),
                WebhookRepository.wrongSourceCredentials());
        return decision.refusal() != null
                        && Credentials.namedSecret(request) == null
                        && type != null
                        && type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded")
                ? PreAuthentication.UNDECIDED
                : decision;
    }

    /** Of a signature it is seen here whether it is one at all, and for no webhook more than that: the body decides. */
    private PreAuthentication preAuthenticate(Credentials credentials, ProblemException refusal) {
        var opened = credentials.open(webhooks.known().find(credentials.webhook()));
        if (opened.isPresent()) {
            return new PreAuthentication(true, opened.get(), null, false);
        }
        return credentials.signature() != null ? PreAuthentication.UNDECIDED : PreAuthentication.denied(refusal, true);
    }

    /** Whether what memory says of a caller took in all that was changed before it came, at any process. */
    boolean knewAllAt(long arrival) {
        return webhooks.areKnownAsOf(arrival);
    }

    /** In how many nanoseconds the database may be asked what has changed since; 0 when it may be at once. */
    long untilAsked() {
        return webhooks.untilAsked();
    }

    /** Has memory take in what was changed up to a moment. Asks the database. */
    void learn(long arrival) throws SQLException {
        webhooks.renewed(arrival);
    }

    /**
     * What can be said of a caller from memory.
     *
     * @param isAllowed whether it has a credential that opens what it asks for
     * @param webhook that it has opened; {@code null} for an administrator, and where that is not known
     * @param refusal what it is told when it is not to be let in, else {@code null}
     * @param canChange whether another process may have let it in meanwhile
     */
    record PreAuthentication(boolean isAllowed, Webhook webhook, ProblemException refusal, boolean canChange) {

        static final PreAuthentication ALLOWED = new PreAuthentication(true, null, null, false);
        /** The body, or the database, will say. */
        static final PreAuthentication UNDECIDED = new PreAuthentication(false, null, null, false);

        static PreAuthentication denied(ProblemException refusal, boolean canChange) {
            return new PreAuthentication(false, null, refusal, canChange);
        }
    }

    /** Who names no credential is told what senders are told. */
    private boolean comesAsSender(HttpServerRequest request) {
        return request.headers().contains("X-Webhook-Secret")
                || StandardWebhooksSignature.isGiven(request)
                || !request.headers().contains("Authorization") && admins.areNamed();
    }

    private ProblemException noAdmin() {
        return ProblemException.of(
                        401,
                        admins.areNamed()
                                ? "An administrator's token is needed: Authorization: Bearer <admin token>"
                                : "No administrator has a token here (admin.token), so only calls from the server's"
                                        + " own machine are theirs")
                .header("WWW-Authenticate", "Bearer");
    }

    private Webhook verifyCredentials(Exchange exchange, Credentials credentials, Supplier<ProblemException> refusal)
            throws SQLException {
        var known = webhooks.known();
        var webhook = credentials.open(known.find(credentials.webhook()));
        if (webhook.isEmpty()) {
            var arrival = exchange.getProperty(HttpApiServer.ARRIVAL, Long.class);
            // The door has had the others wait for their turn to ask; who signs was not kept there
            var renewed = webhooks.renewed(credentials.signature() == null ? arrival : WebhookRepository.aMomentAgo());
            if (renewed != known) {
                webhook = credentials.open(renewed.find(credentials.webhook()));
            }
        }
        return webhook.orElseThrow(refusal);
    }

    private void acceptSender(Exchange exchange, Credentials credentials, Webhook webhook) {
        var signature = credentials.signature();
        if (signature != null && credentials.isSigned()) {
            var distance = signature.distance(clock.instant());
            if (distance.compareTo(tolerance) > 0) {
                throw ProblemException.of(
                        403,
                        ("webhook-timestamp lies %d s from this server's time, and at most %d s are taken "
                                        + "(signature.tolerance): sign each request anew, by a clock that is set right")
                                .formatted(distance.toSeconds(), tolerance.toSeconds()));
            }
            exchange.setVariable(MESSAGE_ID, signature.id());
        }
        accept(exchange, webhook);
    }

    private void accept(Exchange exchange, Webhook webhook) {
        exchange.setVariable(WEBHOOK, webhook);
        exchange.setVariable(ACTOR, AdminTokens.SENDER);
        exchange.setVariable(ADDRESS, address.apply(exchange));
    }
}
