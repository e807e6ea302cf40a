package metrika.conversions.simulator;

/** The two forms that HTTP has for {@code Retry-After}. */
public enum RetryAfterForm {
    SECONDS, DATE
}
