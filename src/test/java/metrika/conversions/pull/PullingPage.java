package metrika.conversions.pull;

import java.io.IOException;
import java.util.List;

import metrika.conversions.support.PageBlocks;

/** The routes and settings of docs/pulling.md, as they stand there. */
public final class PullingPage {

    private PullingPage() {}

    /** The route with this id that begins with this kamelet. */
    public static String route(String id, String kamelet) throws IOException {
        return blocks("yaml").stream()
                .filter(route -> route.contains("id: %s\n".formatted(id)) && route.contains("kamelet:" + kamelet))
                .findFirst()
                .orElseThrow();
    }

    /** The settings that begin so. */
    static String settings(String prefix) throws IOException {
        return blocks("properties").stream()
                .filter(block -> block.contains(prefix))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> blocks(String language) {
        return PageBlocks.of("docs/pulling.md", language);
    }
}
