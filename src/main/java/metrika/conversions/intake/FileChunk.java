package metrika.conversions.intake;

import java.util.List;

/**
 * Rows of a source that are stored together. Their place in the source makes the part, never what is in them or the
 * time: the same source read again falls into the same parts.
 *
 * @param key the idempotency key, which stands for these rows and no others
 * @param rows at most as many as a request may have
 */
public record FileChunk(String key, List<SourceRow> rows) {}
