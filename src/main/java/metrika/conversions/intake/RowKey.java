package metrika.conversions.intake;

/**
 * By what a row of a file that is stored by itself is known again.
 *
 * @param key the idempotency key, which stands for the order
 * @param hash of its values: whether it still says the same
 */
public record RowKey(String key, byte[] hash) {}
