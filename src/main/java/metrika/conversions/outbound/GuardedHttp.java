package metrika.conversions.outbound;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.Timeout;

/**
 * Calls an address as if whoever named it meant ill. A name is resolved once, all that it stands for is judged, and the
 * connection goes to what was judged, with the name still checked by TLS. No redirect is followed, no connection is
 * kept, and the whole call has a deadline, so that no answer that trickles in holds a thread.
 */
public final class GuardedHttp implements HttpCall, AutoCloseable {

    private static final String PROXY = "metrika.proxy";
    private static final int MOST_BYTES = 64 * 1024;
    private static final int MOST_LINE = 8 * 1024;
    private static final int MOST_HEADERS = 100;

    private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor(work -> {
        var thread = new Thread(work, "call-deadlines");
        thread.setDaemon(true);
        return thread;
    });
    private final boolean isPrivateAllowed;
    private final Duration deadline;
    private final Client guarded;
    private final Client trusted;

    /** @param deadline of a whole call */
    public GuardedHttp(boolean isPrivateAllowed, Duration deadline) {
        this(isPrivateAllowed, deadline, SystemDefaultDnsResolver.INSTANCE);
    }

    GuardedHttp(boolean isPrivateAllowed, Duration deadline, DnsResolver resolver) {
        this.isPrivateAllowed = isPrivateAllowed;
        this.deadline = deadline;
        guarded = new Client(isPrivateAllowed ? resolver : new Guard(resolver));
        trusted = new Client(resolver);
    }

    /** Made at the first call, since it reads all certificates of this machine, and most processes call nobody. */
    private final class Client {

        private final DnsResolver resolver;
        private CloseableHttpClient made;

        Client(DnsResolver resolver) {
            this.resolver = resolver;
        }

        synchronized CloseableHttpClient get() {
            if (made == null) {
                made = client(resolver);
            }
            return made;
        }

        synchronized void close() throws IOException {
            if (made != null) {
                made.close();
            }
        }
    }

    /** Gives only addresses of the public internet, or none. */
    private record Guard(DnsResolver resolver) implements DnsResolver {

        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            var found = resolver.resolve(host);
            // One of several that is private refuses all: which of them is tried, whoever named the host could choose
            if (!Arrays.stream(found).allMatch(PublicAddress::isPublic)) {
                throw new PrivateAddressException(host, PublicAddress.REFUSED);
            }
            return found;
        }

        @Override
        public String resolveCanonicalHostname(String host) throws UnknownHostException {
            return resolver.resolveCanonicalHostname(host);
        }
    }

    private CloseableHttpClient client(DnsResolver resolver) {
        var timeout = Timeout.of(deadline.dividedBy(2));
        return HttpClients.custom()
                .setConnectionManager(connections(resolver, timeout))
                .setConnectionReuseStrategy((request, response, context) -> false)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setResponseTimeout(timeout)
                        .setConnectionRequestTimeout(timeout)
                        .build())
                .setRoutePlanner(new DefaultRoutePlanner(null) {
                    @Override
                    protected HttpHost determineProxy(HttpHost target, HttpContext context) {
                        return (HttpHost) context.getAttribute(PROXY);
                    }
                })
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .setUserAgent("metrika-conversions")
                .build();
    }

    private static HttpClientConnectionManager connections(DnsResolver resolver, Timeout timeout) {
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setDnsResolver(resolver)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(timeout)
                        .setSocketTimeout(timeout)
                        .build())
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(Http1Config.custom()
                                .setMaxLineLength(MOST_LINE)
                                .setMaxHeaderCount(MOST_HEADERS)
                                .build())
                        .build())
                .setMaxConnTotal(Integer.MAX_VALUE)
                .setMaxConnPerRoute(Integer.MAX_VALUE)
                .build();
    }

    @Override
    public Reply post(URI address, Map<String, String> headers, byte[] json) throws IOException {
        var fault = PublicAddress.fault(address.toString(), isPrivateAllowed);
        if (fault != null) {
            throw new PrivateAddressException(address.getHost(), fault);
        }
        var request = new HttpPost(address);
        headers.forEach(request::setHeader);
        return call(guarded, request, HttpClientContext.create(), json, 0);
    }

    @Override
    public Reply postTrusted(URI address, byte[] json, String proxy) throws IOException {
        var context = HttpClientContext.create();
        if (proxy != null) {
            try {
                context.setAttribute(PROXY, HttpHost.create(proxy));
            } catch (URISyntaxException e) {
                throw new IOException("the proxy is no HOST:PORT", e);
            }
        }
        return call(trusted, new HttpPost(address), context, json, MOST_BYTES);
    }

    private Reply call(Client client, HttpPost request, HttpClientContext context, byte[] json, int mostBytes)
            throws IOException {
        request.setEntity(new ByteArrayEntity(json, ContentType.APPLICATION_JSON));
        var end = deadlines.schedule(request::cancel, deadline.toMillis(), TimeUnit.MILLISECONDS);
        // Closed without what is left of the answer being read
        try (var response = client.get().executeOpen(RoutingSupport.determineHost(request), request, context)) {
            var retryAfter = response.getFirstHeader("Retry-After");
            return new Reply(
                    response.getCode(),
                    retryAfter == null ? null : retryAfter.getValue(),
                    mostBytes == 0 || response.getEntity() == null
                            ? new byte[0]
                            : response.getEntity().getContent().readNBytes(mostBytes));
        } catch (HttpException e) {
            throw new IOException("the answer is no HTTP", e);
        } finally {
            end.cancel(false);
        }
    }

    @Override
    public void close() throws IOException {
        deadlines.shutdownNow();
        guarded.close();
        trusted.close();
    }
}
