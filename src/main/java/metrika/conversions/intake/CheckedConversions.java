package metrika.conversions.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import metrika.conversions.auth.Webhook;
import metrika.conversions.problem.ProblemException;

/** What a source delivers, after the rules: what passed, or why it did not. The variable {@code checked}. */
public final class CheckedConversions {

    private final ConversionReader reader;
    private final IncomingConversions incoming;
    private final Webhook webhook;
    private final boolean isLeavingOut;
    private final List<RejectedRow> rejected = new ArrayList<>();
    private Conversions conversions;
    private RuntimeException refusal;

    /**
     * Checks.
     *
     * @param webhook whose time zone times without an offset are local to
     * @param badRows as {@link ConversionStore#check} takes it
     * @throws IllegalArgumentException when bad rows are to be left out of what has no rows, or what is to become of
     *     them is not known
     */
    public CheckedConversions(ConversionReader reader, IncomingConversions incoming, Webhook webhook, String badRows) {
        this(
                reader,
                incoming,
                webhook,
                incoming.part() != null || isLeavingOut(badRows) && incoming.hasSizeUpTo(reader.maxConversions()));
    }

    private static boolean isLeavingOut(String badRows) {
        if (badRows == null || badRows.isBlank() || badRows.equals(ConversionStore.REFUSE)) {
            return false;
        }
        if (badRows.equals(ConversionStore.LEAVE_OUT) || badRows.equals(ConversionStore.LOG)) {
            return true;
        }
        throw new IllegalArgumentException("bad-rows is '%s': one of %s, %s, %s is expected"
                .formatted(badRows, ConversionStore.REFUSE, ConversionStore.LEAVE_OUT, ConversionStore.LOG));
    }

    private CheckedConversions(
            ConversionReader reader, IncomingConversions incoming, Webhook webhook, boolean isLeavingOut) {
        this.reader = reader;
        this.incoming = incoming;
        this.webhook = webhook;
        this.isLeavingOut = isLeavingOut;
        try {
            conversions = isLeavingOut
                    ? reader.readValidRows(incoming.asRows(), webhook, rejected)
                    : reader.read(incoming, webhook);
        } catch (InvalidConversions | ProblemException e) {
            refusal = e;
        }
    }

    /** The same, checked anew by what holds for the webhook now. */
    CheckedConversions by(Webhook now) {
        return new CheckedConversions(reader, incoming, now, isLeavingOut);
    }

    /** As it was delivered. */
    public IncomingConversions incoming() {
        return incoming;
    }

    /** By whose rules. */
    Webhook webhook() {
        return webhook;
    }

    /** Why nothing may be stored; {@code null} when it may. */
    RuntimeException refusal() {
        return refusal;
    }

    /**
     * Those that passed.
     *
     * @throws InvalidConversions with all that is wrong, when bad rows are not left out
     * @throws ProblemException when they are not conversions at all
     */
    public Conversions conversions() {
        if (refusal != null) {
            throw refusal;
        }
        return conversions;
    }

    /** The rows that were left out. */
    public List<RejectedRow> rejected() {
        return rejected;
    }

    /** The first of those that passed, as {@link Conversions#preview} has them. */
    public List<Map<String, Object>> preview(int max) {
        return conversions().preview(max);
    }

    /** What the sender is to be warned of, as a JSON array; {@code null} when there is nothing. */
    String warnings() {
        return conversions.warnings().toJson();
    }
}
