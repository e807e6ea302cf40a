package metrika.conversions.sources;

import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.List;

import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.component.file.FileEndpoint;
import org.apache.camel.component.file.remote.RemoteFileEndpoint;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.intake.ConversionStore;
import metrika.conversions.intake.FileChunk;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.StoredBatch;

/** The steps of {@code store-file}. */
public final class FileImportSteps {

    /** The variable that says why nothing of a file can be read. */
    public static final String FAULT = "file-fault";

    private static final Logger LOG = LoggerFactory.getLogger(FileImportSteps.class);

    private final ConversionStore store;
    private final Path directory;

    /** @param directory where refused rows are gathered while a file is being read */
    public FileImportSteps(ConversionStore store, Path directory) {
        this.store = store;
        this.directory = directory;
    }

    /**
     * Opens the file that is the body, or what bytes, a text or a stream hold, as the variable {@code file}, and looks
     * it through. What is wrong with the file as a whole becomes its one refused row; it has no parts then.
     *
     * @param columns which column is which field, see {@link Columns}; may be missing
     * @param encoding encoding of the files, see {@link TextEncoding}; where it is missing, the header
     *     {@code CamelCharsetName} gives it, or it is detected
     * @param allOrNothing whether one bad row rejects the whole file; may be missing
     * @throws IllegalArgumentException when the body is nothing of that, or the columns or the encoding cannot be read
     */
    public void open(
            Exchange exchange,
            @Variable("webhook") Object webhook,
            @Variable("columns") String columns,
            @Variable("encoding") String encoding,
            @Variable("all-or-nothing") Boolean allOrNothing)
            throws IOException, SQLException {
        var mapping = new Columns(columns);
        var content = FileContent.of(exchange, directory);
        var name = content.name();
        var file = new ImportedFile(
                name,
                content.file(),
                mapping,
                TextEncoding.charset(
                        content.encoding() != null
                                ? content.encoding()
                                : encoding == null || encoding.isBlank()
                                        ? exchange.getMessage().getHeader(Exchange.CHARSET_NAME, String.class)
                                        : encoding),
                Files.createTempFile(directory, "refused-", ".csv"));
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onFailure(Exchange failed) {
                close(file);
            }
        });
        try {
            file.examine();
            if (Boolean.TRUE.equals(allOrNothing)) {
                checkAll(file, webhook);
            }
        } catch (BrokenFileException e) {
            file.withdraw();
            file.refuse(new RejectedRow(e.line(), "", e.getMessage(), List.of()));
            exchange.setVariable(FAULT, "%s, line %d: %s".formatted(name, e.line(), e.getMessage()));
        }
        if (!file.getUnused().isEmpty()) {
            LOG.info("{}: these columns stand for no field of a conversion: {}", name, file.getUnused());
        }
        exchange.setVariable("file", file);
    }

    /** Whether there is an encoding of that name. */
    public static boolean isEncoding(String name) {
        try {
            return Charset.isSupported(name);
        } catch (IllegalCharsetNameException e) {
            return false;
        }
    }

    /** The parts of the file, each of which becomes a request of its own. Who splits it closes it. */
    public Iterator<FileChunk> chunks(@Variable("file") ImportedFile file) throws IOException {
        return file.chunks();
    }

    /** Takes down what became of a part. */
    public void recordChunk(@Variable("file") ImportedFile file, @Variable("batch") StoredBatch batch) {
        file.recordChunk(batch);
    }

    /**
     * All parts are stored, and all refused rows gathered.
     *
     * @return where the file belongs: {@code .done} or {@code .failed}
     */
    public String finish(@Variable("file") ImportedFile file) throws IOException {
        file.finish();
        if (file.leftOut() > 0) {
            LOG.info(
                    "{}: {} rows were left out, as columns, rules.negative-price or intake.edit say",
                    file,
                    file.leftOut());
        }
        return file.getOutcome();
    }

    /**
     * Lays the refused rows beside the file, where it is going; when there are none, takes away those of an earlier
     * file of the same name there. Then nothing is left of them on this machine.
     *
     * @param file {@code null} when nobody has read it
     * @throws Exception when they cannot be written, as when the file's server is away
     */
    public void placeErrors(
            Exchange exchange,
            @Variable("file") ImportedFile file,
            @Variable("name") String name,
            @Variable("outcome") String outcome)
            throws Exception {
        if (file == null) {
            return;
        }
        var errors = "%s.errors.csv".formatted(name);
        if (exchange.getFromEndpoint() instanceof FileEndpoint folder) {
            var target = new File(new File(folder.getFile(), outcome), errors).toPath();
            if (file.getRefused() > 0) {
                Files.createDirectories(target.getParent());
                Files.copy(file.getErrors(), target, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.deleteIfExists(target);
            }
        } else if (exchange.getFromEndpoint() instanceof RemoteFileEndpoint<?> remote) {
            placeErrors(exchange, remote, file, outcome, errors);
        }
        close(file);
    }

    private static <T> void placeErrors(
            Exchange exchange, RemoteFileEndpoint<T> remote, ImportedFile file, String outcome, String errors)
            throws Exception {
        var server = remote.createRemoteFileOperations();
        var folder = remote.getConfiguration().getDirectory() + "/" + outcome;
        try {
            server.connect(remote.getConfiguration(), exchange);
            if (file.getRefused() > 0) {
                server.buildDirectory(folder, false);
                exchange.getMessage().setBody(file.getErrors().toFile());
                server.storeFile(folder + "/" + errors, exchange, Files.size(file.getErrors()));
            } else if (server.existsFile(folder + "/" + errors)) {
                server.deleteFile(folder + "/" + errors);
            }
        } finally {
            server.forceDisconnect();
        }
    }

    private static void close(ImportedFile file) {
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("The refused rows of {} were not cleared away", file, e);
        }
    }

    /** A file of which something is stored was found to be good, and is finished, whatever time it is by now. */
    private void checkAll(ImportedFile file, Object webhook) throws IOException, SQLException {
        try (var parts = file.chunks()) {
            for (var isFirst = true; parts.hasNext(); isFirst = false) {
                var part = parts.next();
                if (isFirst && store.isStored(part.key(), webhook)) {
                    return;
                }
                store.refusedOf(part, webhook).forEach(file::refuse);
            }
        }
        if (file.getRefused() > 0) {
            file.withdraw();
        }
    }
}
