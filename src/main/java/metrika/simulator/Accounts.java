package metrika.simulator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.apache.commons.csv.CSVRecord;

/** Counts what each counter holds. Rows are told apart by 64 bits of a hash: 8 bytes of memory a row. */
final class Accounts {
    private final Map<Long, Hashes> rows = new TreeMap<>();
    private final MessageDigest digest = Tokens.sha256();

    static List<CounterAccount> of(UploadStore store) throws IOException, RefusedException {
        Accounts accounts = new Accounts();
        for (ReceivedUpload upload : store.all()) {
            accounts.add(store, upload);
        }
        List<CounterAccount> result = new ArrayList<>();
        accounts.rows.forEach((counter, hashes) -> result.add(hashes.account(counter)));
        return result;
    }

    private void add(UploadStore store, ReceivedUpload upload) throws IOException, RefusedException {
        Hashes hashes = rows.computeIfAbsent(upload.counter(), counter -> new Hashes());
        hashes.files++;
        boolean someLeftOut = upload.lines() < upload.rows();
        try (CsvFile csv = new CsvFile(store.file(upload.id()))) {
            UploadCheck.Columns columns = UploadCheck.Columns.of(csv.header());
            int[] order =
                    UploadCheck.COLUMNS.stream().mapToInt(csv.header()::indexOf).toArray();
            for (CSVRecord row = csv.next(); row != null; row = csv.next()) {
                if (!someLeftOut || !UploadCheck.isLeftOut(columns.seconds(row), upload.receivedAt())) {
                    hashes.add(hash(row, order));
                }
            }
        }
    }

    private long hash(CSVRecord row, int[] order) {
        for (int column : order) {
            // A column that is absent and an empty value mean the same to Metrika.
            String value = column < 0 ? "" : row.get(column);
            digest.update(value.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        return ByteBuffer.wrap(digest.digest()).getLong();
    }

    private static final class Hashes {
        private int files;
        private int size;
        private long[] values = new long[1024];

        void add(long value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size + size / 2);
            }
            values[size++] = value;
        }

        CounterAccount account(long counter) {
            Arrays.sort(values, 0, size);
            long distinct = 0;
            long repeated = 0;
            for (int at = 0; at < size; at++) {
                boolean first = at == 0 || values[at] != values[at - 1];
                boolean second = at > 0 && values[at] == values[at - 1] && (at == 1 || values[at] != values[at - 2]);
                distinct += first ? 1 : 0;
                repeated += second ? 1 : 0;
            }
            return new CounterAccount(counter, files, size, distinct, repeated);
        }
    }
}
