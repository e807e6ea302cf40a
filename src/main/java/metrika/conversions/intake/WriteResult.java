package metrika.conversions.intake;

/** The outcome of a batch, as {@code store-batches.sql} returns it. */
enum WriteResult {
    STORED,
    /** Its webhook has changed since its sender was authenticated: it may be disabled or deleted. */
    OUTDATED,
    /** The webhook's requests of this minute are used up, counted over all processes. */
    TOO_MANY,
    /** Its idempotency key is taken. */
    REPEATED
}
