package metrika.conversions.delivery;

import java.util.Locale;

/**
 * What becomes of an upload after a call to Metrika that failed, and what people are told to do. Which of Metrika's
 * errors is of which class stands in {@link MetrikaErrorType}.
 */
public enum MetrikaErrorClass {

    /** The file or the call is wrong: the same again would end the same. */
    REJECTED(
            "The same file is not sent again. GET .../batches/<batch_id>/conversions gives its rows: send the good"
                    + " ones, corrected where needed, as a new request, and DELETE .../batches/<batch_id> withdraws"
                    + " these."
                    + " If the rows are right and the cause is gone, as after a PATCH of counter_id: POST"
                    + " .../batches/<batch_id>/retry.",
            Advice.ASKED_AGAIN),
    /** Refused for now, and not taken: again after a pause. */
    THROTTLED("It is tried again later automatically.", Advice.ASKED_AGAIN),
    /** The token is not accepted: an administrator has to give another one; the conversions wait. */
    ACCESS_LOST(Advice.GIVE_TOKEN, Advice.GIVE_TOKEN),
    /**
     * Nothing was sent: there was no connection, or the file could not be spooled. It is sent again after a pause. Not
     * a class of Metrika's errors: {@link FailureRecorder} gives it its own advice.
     */
    UNREACHABLE(Advice.ASKED_AGAIN, Advice.ASKED_AGAIN),
    /** No clear answer: after a POST, Metrika may have the file. It is looked up before it is sent again. */
    UNKNOWN(Advice.LOOKED_FOR, Advice.ASKED_AGAIN);

    private final String afterUpload;
    private final String afterQuestion;

    MetrikaErrorClass(String afterUpload, String afterQuestion) {
        this.afterUpload = afterUpload;
        this.afterQuestion = afterQuestion;
    }

    /** What happens next to a file that was posted, and what a person can do. */
    String adviceAfterUpload() {
        return afterUpload;
    }

    /** The same after a poll or a look-up. */
    String adviceAfterQuestion() {
        return afterQuestion;
    }

    /** Its name in the parameters of {@code record-upload-failure.sql}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A class of its own, since an enum's constants come before its static fields. */
    private static final class Advice {

        static final String GIVE_TOKEN =
                "The conversions are kept: give the webhook a valid token with access to the counter (PATCH).";
        static final String LOOKED_FOR = "The file is looked up in Metrika, and sent again only if it is not there.";
        static final String ASKED_AGAIN = "It is tried again later automatically.";
    }
}
