package metrika.conversions.http.hardening;

import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;

/**
 * Refuses what two servers on a request's way may read in different ways: what one takes for its body or for a header's
 * value the other would take for the next request, or for a header. That is a request that gives both Content-Length
 * and Transfer-Encoding, of which Netty drops the length silently, and one with a header that goes on on the next line,
 * which RFC 9112 lets a server refuse. Besides, a version that is not spoken here, which is to be answered like all the
 * rest.
 */
public final class StrictHttpDecoder extends VertxHttpRequestDecoder {

    /** Whether what comes is the head of a request, not its body. */
    private boolean inHead = true;

    private boolean refused;
    /** The last byte of the head but for carriage returns; 0 before its first. */
    private int last;

    private int lineBytes;
    private boolean folded;

    StrictHttpDecoder(HttpServerOptions options) {
        super(options);
    }

    /** A version of HTTP that Vert.x would answer with 501 and nothing else. */
    public static final class OtherVersionException extends IllegalArgumentException {}

    /** A header that goes on on the next line. */
    public static final class FoldedHeaderException extends IllegalArgumentException {}

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
    }

    /**
     * Looks at what the decoder takes for a head, and at no more: where a pipelined one begins is known to the decoder
     * alone.
     */
    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) throws Exception {
        if (refused) {
            bytes.skipBytes(bytes.readableBytes());
            return;
        }
        var start = bytes.readerIndex();
        var decoded = out.size();
        super.decode(context, bytes, out);
        if (inHead) {
            look(bytes, start, bytes.readerIndex());
        }
        for (var message : out.subList(decoded, out.size())) {
            if (message instanceof HttpMessage head) {
                inHead = false;
                // Vert.x looks for the two that Netty knows, not for their likes
                var isOther = head.protocolVersion() != HttpVersion.HTTP_1_1
                        && head.protocolVersion() != HttpVersion.HTTP_1_0;
                refused = folded || isOther;
                if (isOther) {
                    head.setProtocolVersion(HttpVersion.HTTP_1_1);
                }
                if (refused && head.decoderResult().isSuccess()) {
                    head.setDecoderResult(
                            DecoderResult.failure(isOther ? new OtherVersionException() : new FoldedHeaderException()));
                }
            }
            if (message instanceof LastHttpContent) {
                inHead = true;
                last = 0;
                lineBytes = 0;
            }
        }
        if (refused) {
            out.removeIf(message -> !(message instanceof HttpMessage));
            bytes.skipBytes(bytes.readableBytes());
        }
    }

    /** Whether a line of the head begins with a blank. */
    private void look(ByteBuf bytes, int from, int to) {
        for (int i = from; i < to && !folded; i++) {
            var next = bytes.getByte(i);
            if (next == '\n') {
                lineBytes = 0;
            } else if (next != '\r') {
                folded = lineBytes == 0 && last == '\n' && (next == ' ' || next == '\t');
                lineBytes++;
            }
            last = next == '\r' ? last : next;
        }
    }
}
