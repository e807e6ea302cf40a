package metrika.conversions.delivery;

import java.util.HashMap;
import java.util.Map;

import org.apache.camel.Body;
import org.apache.camel.Variable;

/** What Metrika says of uploads that it has: the parameters of {@code settle-uploads.sql}. */
public final class Polls {

    private final String relink;

    /** @param relink the ages at which a file is sent again of which not all rows were linked, ISO 8601, with commas; or empty */
    public Polls(String relink) {
        this.relink = relink;
    }

    /**
     * The parameters of {@code settle-uploads.sql}.
     *
     * @param answer     what Metrika says of the uploads, a JSON array
     * @param uploadings the ids that were asked about, with commas
     * @param due        those of them that are asked about one by one where they are not mentioned
     * @param page       how many pages of the list come before this one
     * @param offset     how many entries do
     * @param listed     how many entries are on it
     * @param pageEnds   by which a page is known again
     * @param pageBefore the same of the page before
     */
    public Map<String, Object> parameters(@Body String answer, @Variable("caller") Map<String, ?> caller,
            @Variable("uploadings") String uploadings, @Variable("due") String due, @Variable("page") int page,
            @Variable("offset") Integer offset, @Variable("listed") int listed, @Variable("page-ends") String pageEnds,
            @Variable("page-before") String pageBefore) {
        var parameters = new HashMap<String, Object>();
        parameters.put("answer", answer);
        parameters.put("counter_id", caller.get("counter_id"));
        parameters.put("uploadings", uploadings);
        parameters.put("due", due);
        parameters.put("page", page);
        parameters.put("offset", offset);
        parameters.put("listed", listed);
        parameters.put("page_ends", pageEnds);
        parameters.put("page_before", pageBefore);
        parameters.put("relink", relink);
        return parameters;
    }
}
