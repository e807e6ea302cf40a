package metrika.conversions.intake;

import java.util.List;
import java.util.Map;

/**
 * A row of a file or of another source.
 *
 * @param line where it begins in its source, from 1
 * @param fields texts and numbers by the API's field names; what is not given is absent
 * @param source its values as they stood in the source, to be shown when it is refused
 * @param fault why it cannot be a conversion whatever its fields are, or {@code null}
 */
public record SourceRow(long line, Map<String, ?> fields, List<String> source, String fault) {

    public SourceRow(long line, Map<String, ?> fields, List<String> source) {
        this(line, fields, source, null);
    }
}
