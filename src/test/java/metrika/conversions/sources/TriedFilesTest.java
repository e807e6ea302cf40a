package metrika.conversions.sources;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Files that are tried again do not keep others waiting, however many they are. */
class TriedFilesTest {

    private final List<String> taken = new CopyOnWriteArrayList<>();

    @Test
    void aGoodFileIsTakenBehindMoreBadOnesThanAPollTakes(@TempDir Path folder) throws Exception {
        for (var name : List.of("bad-1", "bad-2", "bad-3", "good-1", "good-2")) {
            Files.writeString(folder.resolve(name), name);
        }
        var tried = new TriedFiles();
        try (var context = new DefaultCamelContext()) {
            context.getRegistry().bind("triedFiles", tried);
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("file:" + folder + "?sorter=#triedFiles&maxMessagesPerPoll=2&eagerMaxMessagesPerPoll=false"
                                    + "&initialDelay=0&delay=1&move=done/${file:name}")
                            .process(tried::watch)
                            .process(exchange -> {
                                var name = exchange.getMessage().getHeader(Exchange.FILE_NAME, String.class);
                                taken.add(name);
                                if (name.startsWith("bad")) {
                                    throw ProblemException.of(503, "away");
                                }
                            });
                }
            });
            context.start();
            await().until(() -> taken.contains("good-2"));
            assertThat(taken).startsWith("bad-1", "bad-2", "bad-3", "good-1", "good-2");
            await("each of the bad ones in its turn")
                    .until(() -> taken.stream().filter("bad-3"::equals).count() > 1);
        }
    }
}
