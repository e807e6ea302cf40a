package metrika.conversions.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The blocks of code of a page of the documentation, which tests run as they stand. */
public final class PageBlocks {

    private PageBlocks() {}

    /** @param language of the blocks, as it stands behind their first three backticks */
    public static List<String> of(String page, String language) {
        try {
            return Pattern.compile("^```" + language + "\n((?s:.*?))^```$", Pattern.MULTILINE)
                    .matcher(Files.readString(Path.of(page)))
                    .results()
                    .map(block -> block.group(1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those with a text. */
    public static List<String> allWith(String page, String language, String text) {
        return of(page, language).stream().filter(block -> block.contains(text)).toList();
    }

    /** The first with a text. */
    public static String with(String page, String language, String text) {
        return allWith(page, language, text).stream()
                .findFirst()
                .orElseThrow(() -> new AssertionError("%s has no block of %s with %s".formatted(page, language, text)));
    }
}
