package metrika.simulator;

/** The two forms that HTTP has for {@code Retry-After}. */
public enum RetryAfterForm {
    SECONDS,
    DATE
}
