package metrika.conversions.sources;

import java.nio.file.Files;

import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.component.file.FileEndpoint;
import org.apache.camel.support.DefaultPollingConsumerPollStrategy;

/**
 * Has a drop folder that is gone, as a share that is not mounted any more, fail at each look at it: Camel takes it for
 * an empty one, and one that nobody may read too.
 */
public final class FolderPollStrategy extends DefaultPollingConsumerPollStrategy {

    @Override
    public boolean begin(Consumer consumer, Endpoint endpoint) {
        var folder = ((FileEndpoint) endpoint).getFile().toPath().toAbsolutePath();
        if (!Files.isDirectory(folder)) {
            throw new IllegalStateException("the folder %s is not there: make it, or mount it again".formatted(folder));
        }
        if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
            throw new IllegalStateException("the folder %s cannot be read: give its rights to %s"
                    .formatted(folder, System.getProperty("user.name")));
        }
        return super.begin(consumer, endpoint);
    }
}
