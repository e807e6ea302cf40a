package metrika.simulator;

/** What an offset into the list of uploads does: as documented, nothing at all, or an error past the list's end. */
public enum ListOffset {
    HONOURED,
    IGNORED,
    REFUSED_PAST_END
}
