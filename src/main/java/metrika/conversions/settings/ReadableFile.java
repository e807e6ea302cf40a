package metrika.conversions.settings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Files of text, and why one cannot be read. */
public final class ReadableFile {

    private ReadableFile() {}

    /** Why a file is no text that can be read; {@code null} if it is one. */
    public static String fault(Path file) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file)));
            return null;
        } catch (CharacterCodingException e) {
            return "it is not UTF-8: save it in that encoding";
        } catch (IOException e) {
            return "it cannot be read: " + reason(file, e);
        }
    }

    /** What an operating system's error about a file says to whoever can put it right. */
    public static String reason(Path file, IOException failure) {
        return Files.isDirectory(file)
                ? "it is a folder"
                : Files.isSymbolicLink(file) && !Files.exists(file)
                        ? "it is a link to nothing"
                        : !Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                                ? "it is not there"
                                : !Files.isReadable(file)
                                        ? "the user %s may not read it".formatted(System.getProperty("user.name"))
                                        : failure.getMessage();
    }
}
