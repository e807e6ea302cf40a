package metrika.simulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Calls the simulator as a client of Metrika does. */
final class MetrikaClient {
    static final long COUNTER = 24226447;
    static final String TOKEN = "a-token";
    static final String HEADER = "ClientId,UserId,Yclid,PurchaseId,Target,DateTime,Price,Currency\n";
    static final String ROW = "133591247640966458,,,,order_confirmed,1481718166,123.45,RUB\n";
    static final String FILE = HEADER + ROW;
    static final String BOUNDARY = "a-boundary";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;

    /** An answer with its body read as JSON, null when it is none. */
    record Answer(int status, JsonNode json, String body, HttpResponse<String> raw) {
        String errorType() {
            return json.at("/errors/0/error_type").asText();
        }

        String message() {
            return json.at("/message").asText();
        }

        long id() {
            return json.at("/uploading/id").asLong();
        }
    }

    MetrikaClient(String url) {
        this.url = url;
    }

    Answer upload(String csv) {
        return upload("tag1", csv);
    }

    Answer upload(String comment, String csv) {
        return send(uploadRequest(comment, filePart("file", csv)));
    }

    Answer list(String query) {
        return get("/management/v1/counter/" + COUNTER + "/offline_conversions/uploadings" + query);
    }

    Answer byId(long id) {
        return get("/management/v1/counter/" + COUNTER + "/offline_conversions/uploading/" + id);
    }

    Answer goals() {
        return get("/management/v1/counter/" + COUNTER + "/goals");
    }

    Answer get(String path) {
        return send(request(path).build());
    }

    Answer control(String method, String path, String json) {
        return send(request("/simulator" + path)
                .method(
                        method,
                        json == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(json))
                .build());
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "OAuth " + TOKEN);
    }

    HttpRequest uploadRequest(String comment, String parts) {
        return uploadRequest(
                "?comment=" + URLEncoder.encode(comment, StandardCharsets.UTF_8),
                HttpRequest.BodyPublishers.ofString(parts));
    }

    HttpRequest uploadRequest(String query, HttpRequest.BodyPublisher body) {
        return request("/management/v1/counter/" + COUNTER + "/offline_conversions/upload" + query)
                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(body)
                .build();
    }

    static String filePart(String name, String csv) {
        return part("name=\"" + name + "\"; filename=\"data.csv\"", csv) + "--" + BOUNDARY + "--\r\n";
    }

    static String part(String disposition, String content) {
        return "--" + BOUNDARY + "\r\nContent-Disposition: form-data; " + disposition
                + "\r\nContent-Type: text/csv\r\n\r\n" + content + "\r\n";
    }

    /** A body of a file on disk, so that the test does not hold it either. */
    static HttpRequest.BodyPublisher fileBody(Path file) throws IOException {
        return HttpRequest.BodyPublishers.concat(
                HttpRequest.BodyPublishers.ofString("--" + BOUNDARY + "\r\nContent-Disposition: form-data; "
                        + "name=\"file\"; filename=\"data.csv\"\r\nContent-Type: text/csv\r\n\r\n"),
                HttpRequest.BodyPublishers.ofFile(file),
                HttpRequest.BodyPublishers.ofString("\r\n--" + BOUNDARY + "--\r\n"));
    }

    /** @throws UncheckedIOException when no whole answer comes */
    Answer send(HttpRequest request) {
        try {
            return read(client.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    CompletableFuture<Answer> sendAsync(HttpRequest request) {
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenApply(MetrikaClient::read);
    }

    private static Answer read(HttpResponse<String> response) {
        return new Answer(response.statusCode(), json(response.body()), response.body(), response);
    }

    private static JsonNode json(String body) {
        try {
            return MAPPER.readTree(body);
        } catch (IOException notJson) {
            return null;
        }
    }
}
