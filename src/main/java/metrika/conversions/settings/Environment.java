package metrika.conversions.settings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Environment variables as they were given, in UTF-8. Java reads them in the encoding of the process's locale, and in
 * that of {@code LC_ALL=C} there is no letter beyond ASCII.
 */
public final class Environment {

    private static final Path BYTES = Path.of("/proc/self/environ");
    /** What Java makes of a byte that it cannot read. */
    private static final char LOST = '\ufffd';

    private Environment() {}

    /**
     * A variable's value.
     *
     * @return {@code null} when it is not there
     * @throws SettingException when it has letters that cannot be read
     */
    static String get(String name) {
        return isLost(name) ? readAnew(name) : System.getenv(name);
    }

    /** Whether Java has lost letters of a variable. */
    static boolean isLost(String name) {
        var value = System.getenv(name);
        return value != null && value.indexOf(LOST) >= 0;
    }

    /** Whether the names of files can have letters beyond ASCII. */
    public static boolean hasLetters() {
        return fileNames().newEncoder().canEncode('Ж');
    }

    /** The encoding of file names. */
    public static Charset fileNames() {
        return Charset.forName(System.getProperty("sun.jnu.encoding", StandardCharsets.UTF_8.name()));
    }

    private static String readAnew(String name) {
        try {
            // Latin-1 keeps each byte as it is
            var start = name + "=";
            var entry = Arrays.stream(new String(Files.readAllBytes(BYTES), StandardCharsets.ISO_8859_1).split("\0"))
                    .filter(line -> line.startsWith(start))
                    .findFirst();
            if (entry.isPresent()) {
                var bytes = entry.get().substring(start.length()).getBytes(StandardCharsets.ISO_8859_1);
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            }
        } catch (CharacterCodingException e) {
            throw new SettingException(
                    name + " is not in UTF-8: give it in UTF-8, or as a line of application.properties");
        } catch (IOException e) {
            // falls through to what can be done about it
        }
        throw new SettingException(
                ("%s has letters that this process cannot read, since its locale has none but ASCII: start it with "
                                + "LC_ALL=C.UTF-8, or give it as a line of application.properties")
                        .formatted(name));
    }
}
