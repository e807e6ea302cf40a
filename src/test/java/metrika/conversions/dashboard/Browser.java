package metrika.conversions.dashboard;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;

/** What a browser does with the dashboard of a product: it keeps cookies and sends forms with where they are from. */
final class Browser {

    private static final Pattern CSRF = Pattern.compile("name=\"csrf\" value=\"([0-9a-f]+)\"");

    private final Product product;
    private final Map<String, String> cookies = new TreeMap<>();
    private String language = "en";

    Browser(Product product) {
        this.product = product;
    }

    /** One in which somebody has signed in. */
    static Browser signedIn(Product product, String token) {
        var browser = new Browser(product);
        var answer = browser.post("/dashboard/login", Map.of("token", token));
        if (answer.status() != 303) {
            throw new IllegalStateException(answer.toString());
        }
        return browser;
    }

    Browser reading(String acceptLanguage) {
        language = acceptLanguage;
        return this;
    }

    Map<String, String> cookies() {
        return cookies;
    }

    Answer get(String path) {
        return send(product.dashboard(path));
    }

    Answer post(String path, Map<String, String> fields) {
        return post(path, fields, product.dashboardUrl());
    }

    /** Sends a form from a page of somewhere; {@code null}: the browser does not say. */
    Answer post(String path, Map<String, String> fields, String origin) {
        var body = fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        var request = product.dashboard(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        return send(origin == null ? request : request.header("Origin", origin));
    }

    /** Sends a form with what a page of the session gave it. */
    Answer act(String path, Map<String, String> fields) {
        var all = new TreeMap<>(fields);
        all.put("csrf", csrf());
        return post(path, all);
    }

    /** What forms of this session carry. */
    String csrf() {
        var page = get("/dashboard").body();
        var found = CSRF.matcher(page);
        if (!found.find()) {
            throw new IllegalStateException(page);
        }
        return found.group(1);
    }

    private Answer send(HttpRequest.Builder request) {
        request.header("Accept-Language", language);
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        var answer = product.send(request);
        answer.response().headers().allValues("Set-Cookie").forEach(set -> {
            var pair = set.split(";", 2)[0].split("=", 2);
            if (set.contains("Max-Age=0")) {
                cookies.remove(pair[0]);
            } else {
                cookies.put(pair[0], pair[1]);
            }
        });
        return answer;
    }
}
