package metrika.conversions.sources;

import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * The order in which files are taken: by their names, but behind all others those that have failed and are tried again,
 * the least often tried first. A poll takes so many files, and so many that always fail would keep all others waiting.
 */
public final class TriedFiles implements Comparator<GenericFile<?>> {

    /** Files that are taken away by others are never heard of again. */
    private static final int MOST = 10_000;

    private final Map<String, Integer> failures = new ConcurrentHashMap<>();

    @Override
    public int compare(GenericFile<?> one, GenericFile<?> other) {
        var byFailures = Integer.compare(failuresOf(one), failuresOf(other));
        return byFailures != 0 ? byFailures : one.getFileName().compareToIgnoreCase(other.getFileName());
    }

    private int failuresOf(GenericFile<?> file) {
        return failures.getOrDefault(file.getAbsoluteFilePath(), 0);
    }

    /** Takes down what becomes of the file that an exchange is about. */
    void watch(Exchange exchange) {
        var file = exchange.getProperty(ExchangePropertyKey.FILE_EXCHANGE_FILE, GenericFile.class);
        if (file == null) {
            return;
        }
        var path = file.getAbsoluteFilePath(); // it is another one when the file is moved
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onComplete(Exchange done) {
                failures.remove(path);
            }

            @Override
            public void onFailure(Exchange failed) {
                if (failures.size() >= MOST) {
                    failures.clear();
                }
                failures.merge(path, 1, Integer::sum);
            }
        });
    }
}
