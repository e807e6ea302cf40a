package metrika.conversions.intake;

/** What became of a batch that was to be written, as {@code store-batches.sql} answers. */
enum WriteResult {
    STORED,
    /** Its webhook is not any more what its sender was let in to: changed, switched off or gone. */
    OUTDATED,
    /** It is one request too many in this minute, counted over all processes. */
    TOO_MANY,
    /** Its idempotency key is taken. */
    REPEATED
}
