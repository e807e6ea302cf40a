package metrika.conversions.health;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.camel.health.HealthCheckResultBuilder;

import metrika.conversions.settings.Settings;

/** Down while a disk is nearly full: that of the files on their way, and that of the embedded database. */
public final class DiskHealth extends HealthOnly {

    /** An upload of the usual size has a tenth of it; PostgreSQL stops without room for its log. */
    private static final long MIN_BYTES = 1L << 30;

    /** By what they are for. */
    private final Map<String, Path> folders = new LinkedHashMap<>();

    private final long least;

    /** @param spool where files are on their way */
    public DiskHealth(Settings settings, Path spool) {
        this(settings, spool, MIN_BYTES);
    }

    /** @param least how many bytes have to be free */
    DiskHealth(Settings settings, Path spool, long least) {
        super("disk");
        this.least = least;
        folders.put("files on their way", spool);
        if (settings.find("database.url") == null) {
            folders.put("the embedded database", settings.directory().resolve(settings.text("data.directory")));
        }
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        for (var folder : folders.entrySet()) {
            var free = folder.getValue().toFile().getUsableSpace();
            if (Files.exists(folder.getValue()) && free < least) {
                builder.message("%s has %d MB left for %s: free space there"
                                .formatted(folder.getValue(), free >> 20, folder.getKey()))
                        .down();
                return;
            }
        }
        builder.up();
    }
}
