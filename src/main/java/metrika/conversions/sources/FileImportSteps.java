package metrika.conversions.sources;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

import io.micrometer.core.instrument.Metrics;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.intake.ConversionStore;
import metrika.conversions.intake.FileChunk;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.StoredBatch;
import metrika.conversions.problem.Json;
import metrika.conversions.text.Counted;

/** The steps of {@code store-file}. */
public final class FileImportSteps {

    /** The variable that says why nothing of a file can be read. */
    public static final String FAULT = "file-fault";

    private static final Logger LOG = LoggerFactory.getLogger(FileImportSteps.class);

    /** Of one file, in the database. */
    private static final int MOST_KEPT = 1000;

    private final ConversionStore store;
    private final Path directory;
    private final BiConsumer<Columns, String> watcher;

    /** @param directory where refused rows are gathered while a file is being read */
    public FileImportSteps(ConversionStore store, Path directory) {
        this(store, directory, (columns, text) -> {});
    }

    /** @param unmet sees which columns rows have, while a sample is tried */
    public FileImportSteps(ConversionStore store, Path directory, UnmetColumns unmet) {
        this(store, directory, unmet::watch);
    }

    private FileImportSteps(ConversionStore store, Path directory, BiConsumer<Columns, String> watcher) {
        this.store = store;
        this.directory = directory;
        this.watcher = watcher;
    }

    /**
     * Opens the file that is the body, or what bytes, a text or a stream hold, as the variable {@code file}, and looks
     * it through. What is wrong with the file as a whole becomes its one refused row; it has no parts then. The
     * variables {@code skip-lines} and {@code last-line} say which lines of CSV are no rows; they may be missing.
     *
     * @param columns which column is which field, see {@link Columns}; may be missing
     * @param encoding encoding of the files, see {@link TextEncoding}; where it is missing, the header
     *     {@code CamelCharsetName} gives it, or it is detected
     * @param allOrNothing whether one bad row rejects the whole file; may be missing
     * @param eachOrder "true" when each row is to be stored by itself, with a key of its own; may be missing
     * @param element which element of XML is a row; may be missing
     * @throws IllegalArgumentException when the body is nothing of that, or the columns or the encoding cannot be read
     */
    public void open(
            Exchange exchange,
            @Variable("webhook") Object webhook,
            @Variable("columns") String columns,
            @Variable("encoding") String encoding,
            @Variable("all-or-nothing") Boolean allOrNothing,
            @Variable("each-order") String eachOrder,
            @Variable("rows") String element)
            throws IOException, SQLException {
        var content = FileContent.of(exchange, directory);
        var place = FilePlace.of(exchange);
        var name = place.shown(content.name());
        var charset = TextEncoding.charset(
                content.encoding() != null
                        ? content.encoding()
                        : encoding == null || encoding.isBlank()
                                ? exchange.getMessage().getHeader(Exchange.CHARSET_NAME, String.class)
                                : encoding);
        var named = new Columns(columns, place.columns(content));
        watcher.accept(named, columns);
        var file = new ImportedFile(
                name,
                new FileRows(
                        content.name(),
                        content.file(),
                        named,
                        charset,
                        element,
                        CsvFrame.of(
                                exchange.getVariable("skip-lines", String.class),
                                exchange.getVariable("last-line", String.class))),
                Files.createTempFile(directory, "refused-", ".csv"));
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                if (done.isFailed() || !isOfDropOrMail(done)) {
                    close(file);
                }
            }
        });
        if ("true".equals(eachOrder)) {
            file.storeEachRow(
                    ConversionStore.sourceOf(exchange),
                    ChangedRows.areIgnored(exchange.getVariable("changed", String.class)));
        }
        if (DroppedFiles.isFailedByOneRow(exchange.getVariable("failed-when", String.class))) {
            file.failByOneRow();
        }
        try {
            file.examine();
            if (Boolean.TRUE.equals(allOrNothing)) {
                checkAll(exchange, file, webhook);
            }
        } catch (BrokenFileException e) {
            file.withdraw(e);
            var fault = new RejectedRow(e.line(), "", e.getMessage(), List.of());
            keepFault(exchange, file, webhook, fault);
            file.refuse(fault);
            exchange.setVariable(FAULT, "%s, %s".formatted(name, file.getFault()));
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
    public void recordChunk(
            Exchange exchange,
            @Variable("file") ImportedFile file,
            @Variable("webhook") Object webhook,
            @Variable("batch") StoredBatch batch)
            throws SQLException {
        keep(exchange, file, webhook, file.faults(batch.refused()));
        file.recordChunk(batch);
    }

    /** Keeps refused rows in the database as well, up to a number: the file beside it has all of them. */
    void keep(Exchange exchange, ImportedFile file, Object webhook, List<RejectedRow> refused) throws SQLException {
        var kept = refused.stream()
                .limit(Math.max(0, MOST_KEPT - file.getRefused()))
                .map(row -> named(row, file))
                .toList();
        if (!kept.isEmpty()) {
            store.keepRefused(webhook, ConversionStore.sourceOf(exchange), file.toString(), kept);
        }
    }

    /** Keeps what is wrong with a file as a whole: of each file by itself, however many have the same fault. */
    void keepFault(Exchange exchange, ImportedFile file, Object webhook, RejectedRow fault) throws SQLException {
        var row = List.of(Json.write(Map.of("file", file.toString())));
        store.keepRefused(
                webhook,
                ConversionStore.sourceOf(exchange),
                file.toString(),
                List.of(new RejectedRow(fault.line(), fault.field(), fault.reason(), row)));
    }

    /** A row that was refused as it is kept in the database: of a CSV file its cells by the names of their columns. */
    private static RejectedRow named(RejectedRow row, ImportedFile file) {
        var header = file.header();
        var cells = row.row();
        if (file.hasWholeRows() || header.size() != cells.size() || new HashSet<>(header).size() < cells.size()) {
            return row;
        }
        var byName = new LinkedHashMap<String, String>();
        for (int i = 0; i < cells.size(); i++) {
            byName.put(header.get(i), cells.get(i));
        }
        return new RejectedRow(row.line(), row.field(), row.reason(), List.of(Json.write(byName)));
    }

    /**
     * All parts are stored, and all refused rows gathered.
     *
     * @return where the file belongs: {@code .done} or {@code .failed}, or what the variables {@code done} and
     *     {@code failed} have in their place
     */
    public String finish(Exchange exchange, @Variable("file") ImportedFile file) throws IOException {
        file.finish();
        LeftOutMetrics.count(exchange, LeftOutOrder.NO_IDENTIFIER, file.withoutIdentifier());
        LeftOutMetrics.count(exchange, LeftOutOrder.INVALID, file.getRefused() - file.withoutIdentifier());
        LeftOutMetrics.count(exchange, LeftOutOrder.NO_PURCHASE, file.leftOut());
        LeftOutMetrics.count(exchange, LeftOutOrder.KNOWN, file.getChanged());
        if (file.leftOut() > 0) {
            LOG.info(
                    "{}: {} left out, as columns, rules.negative-price or intake.edit say",
                    file,
                    Counted.are(file.leftOut(), "row"));
        }
        Metrics.counter(
                        "source.files",
                        "source",
                        ConversionStore.sourceOf(exchange),
                        "outcome",
                        file.isKnown() ? "known" : file.isFailed() ? "failed" : "done")
                .increment();
        return DroppedFiles.folder(exchange, file.isFailed());
    }

    /** Says in the log what became of a file: how many of its rows are stored, or why it cannot be read. */
    public void report(@Variable("file") ImportedFile file, @Variable("outcome") String outcome) {
        if (file.getFault() == null) {
            LOG.info("File {} is {}: {}", file, outcome, file.getSummary());
        } else {
            LOG.warn("File {} is {}, it cannot be read: {}", file, outcome, file.getFault());
        }
    }

    /** Whether the refused rows are still to be laid beside the file, or into its mailbox, and cleared away then. */
    private static boolean isOfDropOrMail(Exchange exchange) {
        return exchange.getVariable("done") != null || exchange.getVariable("mail") != null;
    }

    /** The file is done with on this machine. */
    static void close(ImportedFile file) {
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("The refused rows of {} were not cleared away", file, e);
        }
    }

    /** A file of which something is stored was found to be good, and is finished, whatever time it is by now. */
    private void checkAll(Exchange exchange, ImportedFile file, Object webhook) throws IOException, SQLException {
        try (var parts = file.chunks()) {
            for (var isFirst = true; parts.hasNext(); isFirst = false) {
                var part = parts.next();
                if (isFirst && store.isStored(part.key(), webhook)) {
                    return;
                }
                var refused = file.faults(store.refusedOf(part, webhook));
                keep(exchange, file, webhook, refused);
                refused.forEach(file::refuse);
            }
        }
        if (file.getRefused() > 0) {
            file.withdraw();
        }
    }
}
