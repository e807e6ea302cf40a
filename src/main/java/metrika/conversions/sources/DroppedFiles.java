package metrika.conversions.sources;

import java.io.File;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Variable;
import org.apache.camel.component.file.FileEndpoint;
import org.apache.camel.component.file.remote.RemoteFileEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.intake.RejectedRow;
import metrika.conversions.logging.LoggingConfig;
import metrika.conversions.problem.HasProblem;
import metrika.conversions.problem.ProblemException;

/**
 * Where the files of a folder go, on this machine or on a server: the steps of the kamelets, and of
 * {@code on-error-source} for a file that its route cannot read. Such a file would otherwise be tried again for ever.
 */
public final class DroppedFiles {

    /** What the variable {@code failed-when} says: a file is failed when nothing of it is stored, or a row refused. */
    public static final List<String> FAILED_WHEN = List.of("nothing-stored", "row-refused");

    /** The folder's endpoint: in the route behind a kamelet an exchange is from that. */
    private static final String TAKEN_FROM = "metrika.taken-from";

    private static final Logger LOG = LoggerFactory.getLogger(DroppedFiles.class);

    private final FileImportSteps imports;
    private final TriedFiles tried;
    private final Path directory;

    /**
     * @param tried takes down which files fail
     * @param directory where refused rows are gathered
     */
    public DroppedFiles(FileImportSteps imports, TriedFiles tried, Path directory) {
        this.imports = imports;
        this.tried = tried;
        this.directory = directory;
    }

    /** The folder that a file goes to, below its own: as the variables {@code done} and {@code failed} name it. */
    public static String folder(Exchange exchange, boolean isFailed) {
        var given = exchange.getVariable(isFailed ? "failed" : "done", String.class);
        return given == null || given.isBlank() ? isFailed ? ".failed" : ".done" : given.strip();
    }

    static boolean isFailedByOneRow(String failedWhen) {
        if (failedWhen != null && !failedWhen.isBlank() && !FAILED_WHEN.contains(failedWhen)) {
            throw new IllegalArgumentException(
                    "failed-when is '%s': %s is expected".formatted(failedWhen, String.join(" or ", FAILED_WHEN)));
        }
        return FAILED_WHEN.get(1).equals(failedWhen);
    }

    /**
     * Leaves the variables {@code name}, the file's own, and {@code folder}, the one that it lies in below the one that
     * is looked at, with a slash behind it, or nothing.
     */
    public void locate(Exchange exchange) {
        exchange.setVariable("name", exchange.getMessage().getHeader(Exchange.FILE_NAME_ONLY, String.class));
        exchange.setVariable("folder", FilePlace.of(exchange).folder());
        exchange.setProperty(TAKEN_FROM, exchange.getFromEndpoint());
        tried.watch(exchange);
    }

    /**
     * For a route to say that its file is broken, as one without what makes it whole.
     *
     * @param reason for people: in the log, in {@code NAME.errors.csv} and in the list of refused rows
     * @throws ProblemException 400, always
     */
    public void refuse(String reason) {
        throw ProblemException.of(400, reason);
    }

    /** Whether a file was taken from a folder and can never be stored. All else that fails may go well later. */
    public boolean isAtFault(Exchange exchange, @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable failure) {
        // A route that takes files without the kamelets moves them itself
        return exchange.getProperty(TAKEN_FROM) != null && isFault(failure);
    }

    /** Whether a file has a failure that it will always have. */
    public static boolean isFault(Throwable failure) {
        return QueueMessages.isFault(failure);
    }

    /** What a file is at fault for, in a line. */
    public static String reason(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause() == cause ? null : cause.getCause()) {
            if (cause instanceof HasProblem told) {
                return told.problem().getMessage();
            }
            if (cause instanceof CharacterCodingException) {
                return "it has bytes that are no letter in the encoding that a step of its route reads it in";
            }
        }
        return LoggingConfig.reason(failure);
    }

    /**
     * Sets a file aside that can never be stored, and tells of it. Leaves the variable {@code outcome}.
     *
     * @param failure what its route has failed with
     * @throws Exception when the database or the file's server is away: then it is tried again
     */
    public void setAside(
            Exchange exchange,
            @Variable("webhook") Object webhook,
            @Variable("file") ImportedFile read,
            @Variable("name") String name,
            @Variable("folder") String folder,
            @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable failure)
            throws Exception {
        var fault = new RejectedRow(1, "", reason(failure), List.of());
        var file = new ImportedFile(folder + name, null, Files.createTempFile(directory, "refused-", ".csv"));
        try {
            if (webhook != null) {
                imports.keepFault(exchange, file, webhook, fault);
            }
            file.refuse(fault);
            file.withdraw();
            imports.finish(exchange, file);
            var outcome = folder(exchange, true);
            exchange.setVariable("outcome", outcome);
            LOG.warn("File {} is {}: {}", file, outcome, fault.reason());
            place(exchange, file, name, folder, outcome);
        } finally {
            FileImportSteps.close(file);
            if (read != null) {
                FileImportSteps.close(read);
            }
        }
    }

    /**
     * Lays the refused rows beside the file, where it is going; when there are none, takes away those of an earlier
     * file of the same name there. Then nothing is left of them on this machine.
     *
     * @param file {@code null} when nobody has read it
     * @throws Exception when they cannot be written, as when the file's server is away
     */
    public void place(
            Exchange exchange,
            @Variable("file") ImportedFile file,
            @Variable("name") String name,
            @Variable("folder") String folder,
            @Variable("outcome") String outcome)
            throws Exception {
        if (file == null) {
            return;
        }
        if (!folder(exchange, file.isFailed()).equals(outcome)) {
            LOG.info("File {} is {}, as its route says", file, outcome);
        }
        var errors = "%s.errors.csv".formatted(name);
        var place = (folder == null ? "" : folder) + outcome;
        var endpoint = exchange.getProperty(TAKEN_FROM);
        if (endpoint instanceof FileEndpoint local) {
            var target = new File(new File(local.getFile(), place), errors).toPath();
            if (file.getRefused() > 0) {
                Files.createDirectories(target.getParent());
                Files.copy(file.getErrors(), target, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.deleteIfExists(target);
            }
        } else if (endpoint instanceof RemoteFileEndpoint<?> remote) {
            place(exchange, remote, file, place, errors);
        }
        FileImportSteps.close(file);
    }

    private static <T> void place(
            Exchange exchange, RemoteFileEndpoint<T> remote, ImportedFile file, String place, String errors)
            throws Exception {
        var server = remote.createRemoteFileOperations();
        var folder = remote.getConfiguration().getDirectory() + "/" + place;
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
}
