package metrika.conversions.delivery;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

import org.apache.camel.Body;
import org.apache.camel.StreamCache;
import org.apache.camel.Variable;
import org.apache.hc.client5.http.entity.mime.AbstractContentBody;
import org.apache.hc.client5.http.entity.mime.HttpMultipartMode;
import org.apache.hc.client5.http.entity.mime.MultipartEntityBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;

/**
 * The multipart form of an upload: one part, {@code file}. The file is read from where it was spooled, so its length is
 * known, it can be sent again, and memory does not grow with it.
 */
public final class UploadMultipart {

    private static final int BUFFER_BYTES = 64 * 1024;

    private final Leases leases;

    public UploadMultipart(Leases leases) {
        this.leases = leases;
    }

    /**
     * Makes the form.
     *
     * @param csv the file, which is kept until its exchange is done
     * @param upload whose lease has to last until it is sent
     */
    public HttpEntity createMultipart(@Body StreamCache csv, @Variable("upload") Map<String, Object> upload) {
        return MultipartEntityBuilder.create()
                .setMode(HttpMultipartMode.LEGACY)
                .addPart("file", new Csv(csv, upload))
                .build();
    }

    private final class Csv extends AbstractContentBody {

        private final StreamCache csv;
        private final Map<String, Object> upload;

        Csv(StreamCache csv, Map<String, Object> upload) {
            super(ContentType.create("text/csv", "UTF-8"));
            this.csv = csv;
            this.upload = upload;
        }

        @Override
        public String getFilename() {
            return "data.csv";
        }

        @Override
        public long getContentLength() {
            return csv.length();
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            csv.reset();
            csv.writeTo(new Guarded(out));
            // The closing boundary, without which no server takes a form, comes after this.
            checkLease();
        }

        private void checkLease() throws IOException {
            if (!leases.isHeld(upload)) {
                throw new IOException(
                        "upload " + upload.get("id") + " is not this process's any more: another one may send it");
            }
        }

        /** Stops to write as soon as the lease is lost: then another process may be sending the same file. */
        private final class Guarded extends OutputStream {

            private final OutputStream out;

            Guarded(OutputStream out) {
                this.out = out;
            }

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                for (int at = offset; at < offset + length; at += BUFFER_BYTES) {
                    checkLease();
                    out.write(bytes, at, Math.min(BUFFER_BYTES, offset + length - at));
                }
            }
        }
    }
}
