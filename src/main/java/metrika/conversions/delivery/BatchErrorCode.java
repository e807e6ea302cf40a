package metrika.conversions.delivery;

import java.util.Locale;

/**
 * The one table of our own codes in a batch's {@code errors}: what each means and what to do, as
 * {@code docs/operations.md} has it. Beside them there are Metrika's own ({@link MetrikaErrorType}), and
 * {@code http_<status>} where it names none. The statements in {@code routes/sql} write some of them; a test holds them
 * to this table. {@code openapi.yaml} and the page are made from it.
 */
public enum BatchErrorCode {
    QUOTA_OF_THE_DAY("the call was not made, to stay within Metrika's quotas", "nothing"),
    QUOTA_AT_ONCE("the call was not made, to stay within Metrika's quotas", "nothing"),
    QUOTA_OF_THE_SECOND("the call was not made, to stay within Metrika's quotas", "nothing"),
    UNREACHABLE("no connection to Metrika", "check the network and `metrika.url`; it is tried again by itself"),
    NO_ANSWER("no clear answer", "nothing: the file is looked up in Metrika, and sent again if it is not there"),
    DATABASE(
            "the database failed during the delivery",
            "check the database; it goes on by itself, and looks up the file if it may have arrived"),
    DISK(
            "the file could not be written to this machine's disk",
            "free space below `java.io.tmpdir`; it is tried again by itself"),
    LINKAGE_FAILURE(
            "Metrika found no visitor for any row of the file",
            "check that the identifiers belong to this counter and are not older than 21 days; send corrected rows as"
                    + " a new request"),
    ROWS_NOT_TAKEN("Metrika took fewer rows than the file has, without saying which", "compare with the source"),
    GOAL_NOT_FOUND(
            "some `target` is no goal of the counter",
            "use the identifier of a \"JavaScript event\" goal, not its name or number"),
    STUCK(
            "Metrika has worked on the file for more than a day; with status `error`: for 21 days",
            "ask Metrika's support about `metrika_upload_id`; from `error` it can be sent again"),
    FORGOTTEN("Metrika took the file and no longer knows it", "send it again: Metrika overwrites rows that it has"),
    COUNTER_GONE(
            "Metrika took the file, and its counter no longer exists",
            "`PATCH` the webhook with the right `counter_id`, then send it again"),
    ACCESS_LOST(
            "Metrika took the file, but there was no valid token to ask about it",
            "`PATCH` the webhook with a new `token`, then send it again"),
    NOT_TOLD("Metrika took the file and did not say what became of it", "send it again"),
    EXPIRED(
            "it could not be sent, or not looked up, for 21 days",
            "the message has the last failure; if it says that the file may have arrived, look in Metrika before"
                    + " sending it again"),
    INTERNAL("a fault of this program", "search the log for the error id in the message");

    private final String meaning;
    private final String remedy;

    BatchErrorCode(String meaning, String remedy) {
        this.meaning = meaning;
        this.remedy = remedy;
    }

    /** What has happened. */
    public String meaning() {
        return meaning;
    }

    /** What to do. */
    public String remedy() {
        return remedy;
    }

    /** As it stands in {@code errors}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
