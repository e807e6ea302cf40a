package metrika.conversions.outbound;

import java.io.IOException;
import java.net.URI;
import java.util.Map;

/** A POST to somebody who is told something. */
public interface HttpCall {

    /**
     * What is answered.
     *
     * @param retryAfter the header of that name, {@code null} when there is none
     * @param body its beginning; empty where nobody reads it
     */
    record Reply(int status, String retryAfter, byte[] body) {}

    /**
     * Posts JSON to an address that somebody else may have given: it has to be one of the public internet, and what is
     * answered is not read.
     */
    Reply post(URI address, Map<String, String> headers, byte[] json) throws IOException;

    /**
     * Posts JSON to an address of the operator's own, and reads the beginning of the answer.
     *
     * @param proxy {@code host:port} of an HTTP proxy, {@code null} for none
     */
    Reply postTrusted(URI address, byte[] json, String proxy) throws IOException;
}
