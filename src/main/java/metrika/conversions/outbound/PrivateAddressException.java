package metrika.conversions.outbound;

import java.net.UnknownHostException;

/** An address that is not called, since it is none of the public internet. */
public final class PrivateAddressException extends UnknownHostException {

    private static final long serialVersionUID = 1L;

    PrivateAddressException(String host, String fault) {
        super("the address of %s %s".formatted(host, fault));
    }
}
