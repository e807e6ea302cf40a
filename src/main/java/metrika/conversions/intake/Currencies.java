package metrika.conversions.intake;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The currencies that ISO 4217 lists: {@code currencies.txt}, which says as of when. Java's own list has withdrawn ones
 * too.
 */
public final class Currencies {

    /** Withdrawn in 1998, and still what many programs call the rouble. */
    public static final String OLD_ROUBLE = "RUR";

    public static final String ROUBLE = "RUB";

    private static final Set<String> CODES = read();

    private Currencies() {}

    /** Whether a code, in capitals, is a currency that can be paid with today. */
    public static boolean isListed(String code) {
        return CODES.contains(code);
    }

    private static Set<String> read() {
        try (InputStream file = Currencies.class.getResourceAsStream("/currencies.txt")) {
            return new String(file.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .flatMap(line -> Arrays.stream(line.strip().split(" +")))
                    .filter(code -> !code.isEmpty())
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException("currencies.txt is in the jar", e);
        }
    }
}
