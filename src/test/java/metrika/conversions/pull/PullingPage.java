package metrika.conversions.pull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The routes and settings of docs/pulling.md, as they stand there. */
final class PullingPage {

    private PullingPage() {}

    static List<String> routes() throws IOException {
        return blocks("yaml");
    }

    static List<String> settings() throws IOException {
        return blocks("properties");
    }

    private static List<String> blocks(String language) throws IOException {
        return Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```")
                .matcher(Files.readString(Path.of("docs/pulling.md")))
                .results()
                .map(block -> block.group(1))
                .toList();
    }
}
