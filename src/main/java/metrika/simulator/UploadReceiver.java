package metrika.simulator;

import java.nio.file.Path;
import java.util.Locale;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;

/** Writes the one file of a multipart body to disk as it comes in; the body is never in memory as a whole. */
final class UploadReceiver {
    private final Exchange exchange;
    private final HttpServerRequest request;
    private final long maxBytes;
    private final Promise<Void> received = Promise.promise();
    private AsyncFile file;
    private int parts;
    /** The body and each part of it: a part that was paused ends after the body. */
    private int open = 1;

    private long bytes;
    private MetrikaError error;

    private UploadReceiver(Exchange exchange, long maxBytes) {
        this.exchange = exchange;
        this.request = exchange.request();
        this.maxBytes = maxBytes;
    }

    /**
     * Reads the body of the call into a file.
     *
     * @return fails with {@link RefusedException} when the body is not what Metrika takes, with
     *     {@link BrokenOffException} when it does not come to its end
     */
    static Future<Void> receive(Exchange exchange, Path target, long maxBytes) {
        String contentType = exchange.request().getHeader("Content-Type");
        if (contentType == null
                || !contentType.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")
                || !contentType.contains("boundary=")) {
            return Future.failedFuture(
                    new RefusedException(MetrikaError.invalidParameter("The body must be multipart/form-data")));
        }
        UploadReceiver receiver = new UploadReceiver(exchange, maxBytes);
        return exchange.vertx()
                .fileSystem()
                .open(target.toString(), new OpenOptions().setCreateNew(true).setWrite(true))
                .compose(receiver::read);
    }

    private Future<Void> read(AsyncFile target) {
        file = target;
        request.exceptionHandler(this::broken);
        request.setExpectMultipart(true);
        request.uploadHandler(this::part);
        request.endHandler(read -> closed());
        request.resume();
        return received.future();
    }

    private void part(HttpServerFileUpload part) {
        parts++;
        open++;
        if (parts > 1 || !"file".equals(part.name())) {
            refuse(MetrikaError.invalidParameter("Exactly one part is expected, with the name 'file'"));
        }
        part.exceptionHandler(this::broken);
        part.endHandler(read -> closed());
        part.handler(piece -> take(part, piece));
    }

    private void closed() {
        open--;
        if (open > 0) {
            return;
        }
        if (!request.formAttributes().isEmpty()) {
            refuse(MetrikaError.invalidParameter("Only a file is expected, with a file name"));
        } else if (parts == 0) {
            refuse(MetrikaError.missingParameter("The part 'file' is missing"));
        }
        end(error == null ? null : new RefusedException(error));
    }

    private void take(HttpServerFileUpload part, Buffer piece) {
        if (file == null) {
            return;
        }
        bytes += piece.length();
        if (bytes > maxBytes) {
            refuse(MetrikaError.limitExceeded("The file is larger than " + maxBytes + " bytes"));
        }
        if (error == null) {
            file.write(piece).onFailure(this::end);
        }
        if (exchange.isStruckInBody()) {
            part.pause();
            exchange.reach(Point.IN_BODY).onSuccess(goOn -> part.resume()).onFailure(this::end);
        } else if (file.writeQueueFull()) {
            part.pause();
            file.drainHandler(drained -> part.resume());
        }
    }

    private void broken(Throwable cause) {
        end(
                cause instanceof HttpClosedException
                        ? new BrokenOffException()
                        : new RefusedException(MetrikaError.invalidUploading(
                                "The multipart body cannot be read: " + cause.getMessage())));
    }

    private void refuse(MetrikaError first) {
        error = error == null ? first : error;
    }

    private void end(Throwable failure) {
        AsyncFile open = file;
        if (open == null) {
            return;
        }
        file = null;
        open.close().onComplete(closed -> {
            Throwable cause = failure == null ? closed.cause() : failure;
            if (cause == null) {
                received.complete();
            } else {
                received.fail(cause);
            }
        });
    }
}
