package metrika.conversions.outbound;

import java.net.InetAddress;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Which addresses may be called for somebody who only names them. */
class PublicAddressTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://127.0.0.1/",
                "https://127.1/",
                "https://127.0.0.1./",
                "https://127.255.255.254/",
                "https://0x7f.1/",
                "https://0x7f000001/",
                "https://0X7F.0.0.1/",
                "https://2130706433/",
                "https://017700000001/",
                "https://0177.0.0.1/",
                "https://127.0.0.01/",
                "https://0/",
                "https://0.0.0.0/",
                "https://0.1.2.3/",
                "https://10.0.0.7:8443/x",
                "https://100.64.0.1/",
                "https://100.100.100.200/",
                "https://100.127.255.255/",
                "https://169.254.169.254/latest/meta-data/",
                "https://168.63.129.16/",
                "https://172.16.0.1/",
                "https://172.31.255.255/",
                "https://192.0.0.192/",
                "https://192.0.2.1/",
                "https://192.88.99.1/",
                "https://192.168.0.1/",
                "https://198.18.0.1/",
                "https://198.51.100.1/",
                "https://203.0.113.1/",
                "https://224.0.0.1/",
                "https://240.0.0.1/",
                "https://255.255.255.255/",
                "https://256.1.1.1/",
                "https://999.1.1.1/",
                "https://1.2.3/",
                "https://[::]/",
                "https://[::1]/",
                "https://[0:0:0:0:0:0:0:1]/",
                "https://[::ffff:127.0.0.1]/",
                "https://[::ffff:7f00:1]/",
                "https://[::ffff:169.254.169.254]/",
                "https://[::ffff:10.0.0.1]/",
                "https://[::127.0.0.1]/",
                "https://[::8.8.8.8]/",
                "https://[64:ff9b::127.0.0.1]/",
                "https://[64:ff9b::a9fe:a9fe]/",
                "https://[64:ff9b:1::1]/",
                "https://[100::1]/",
                "https://[2001::1]/",
                "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
                "https://[2001:db8::1]/",
                "https://[2002:7f00:1::]/",
                "https://[2002:808:808::1]/",
                "https://[3fff::1]/",
                "https://[5f00::1]/",
                "https://[fc00::1]/",
                "https://[fd00:ec2::254]/",
                "https://[fe80::1]/",
                "https://[fe80::1%25eth0]/",
                "https://[fec0::1]/",
                "https://[ff02::1]/",
                "https://localhost/",
                "https://LOCALHOST./",
                "https://x.localhost/",
                "https://printer.local/",
                "https://metadata.google.internal/",
                "https://intranet/",
                "http://example.com/",
                "ftp://example.com/",
                "file:///etc/passwd",
                "https://user@example.com/",
                "https://user:password@example.com/",
                "https://example.com@127.0.0.1/",
                "https://example.com:0/",
                "https://example.com:70000/",
                "https://example.com/#x",
                "https://１２７.0.0.1/",
                "https://127%2e0.0.1/",
                "https://exa mple.com/",
                "https://example.com\r\nx: y/",
                "https:///x",
                "https:example.com",
                "//example.com/",
                "example.com",
                ""
            })
    void isRefused(String url) {
        assertThat(PublicAddress.fault(url, false)).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.com",
                "https://example.com:8443/hooks/metrika?key=1",
                "https://xn--e1afmkfd.xn--p1ai/",
                "https://7.example.com/",
                "https://8.8.8.8/",
                "https://100.63.255.255/",
                "https://100.128.0.1/",
                "https://172.15.255.255/",
                "https://172.32.0.1/",
                "https://[2a00:1450:4010:c05::8b]/",
                "https://[2001:4860:4860::8888]/",
                "https://[64:ff9b::8.8.8.8]/"
            })
    void isTaken(String url) {
        assertThat(PublicAddress.fault(url, false)).isNull();
    }

    @Test
    void anyOtherUrlIsTakenWherePrivateAddressesAreAllowed() {
        for (var url :
                new String[] {"http://127.0.0.1:8080/", "https://[::1]/", "http://relay.local/", "http://10.0.0.1/"}) {
            assertThat(PublicAddress.fault(url, true)).as(url).isNull();
        }
        for (var url : new String[] {"ftp://127.0.0.1/", "http://user@127.0.0.1/", "http://127.0.0.1/#x", "http:///"}) {
            assertThat(PublicAddress.fault(url, true)).as(url).isNotBlank();
        }
        assertThat(PublicAddress.fault("https://example.com/" + "x".repeat(2000), true))
                .contains("2000 characters");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.1", "0.0.0.0", "10.1.2.3", "::1", "::ffff:192.168.1.1", "64:ff9b::10.0.0.1", "fe80::1"})
    void whatANameIsResolvedToIsJudgedInTheSameWay(String address) throws Exception {
        assertThat(PublicAddress.isPublic(InetAddress.getByName(address))).isFalse();
    }
}
