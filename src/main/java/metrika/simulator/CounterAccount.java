package metrika.simulator;

import java.util.Map;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What one counter holds, for a check against the sender's own account.
 *
 * @param counter its number
 * @param files how many files are kept
 * @param rows how many rows of them passed
 * @param distinct how many different rows are among these, by the values of all columns
 * @param repeated how many of the different rows stand there more than once
 */
public record CounterAccount(long counter, int files, long rows, long distinct, long repeated) {

    /** As {@code GET /simulator/account} shows it. */
    ObjectNode toJson() {
        return Json.MAPPER.valueToTree(
                Map.of("counter", counter, "files", files, "rows", rows, "distinct", distinct, "repeated", repeated));
    }
}
