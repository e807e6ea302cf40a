package metrika.conversions.delivery;

import java.util.HashMap;
import java.util.Map;

import org.apache.camel.Body;
import org.apache.camel.Variable;

/** Looks for an upload whose outcome is unknown, page by page of Metrika's list: the parameters of {@code adopt-upload.sql}. */
public final class UploadLookup {

    private final String settle;

    /** @param settle how long the list must stay without an upload before it is sent again, ISO 8601 */
    public UploadLookup(String settle) {
        this.settle = settle;
    }

    /**
     * The parameters of {@code adopt-upload.sql}.
     *
     * @param answer     what the page says of the upload's tag, a JSON array
     * @param offset     how many entries come before the page
     * @param listed     how many entries are on it
     * @param pageSize   how many entries were asked for
     * @param pageEnds   by which a page is known again
     * @param pageBefore the same of the page before
     */
    public Map<String, Object> parameters(@Body String answer, @Variable("upload") Map<String, ?> upload,
            @Variable("offset") long offset, @Variable("listed") int listed, @Variable("page-size") int pageSize,
            @Variable("page-ends") String pageEnds, @Variable("page-before") String pageBefore) {
        var parameters = new HashMap<String, Object>();
        parameters.put("answer", answer);
        parameters.put("id", upload.get("id"));
        parameters.put("claim_number", upload.get("claim_number"));
        parameters.put("claimed_at", upload.get("claimed_at"));
        parameters.put("offset", offset);
        parameters.put("listed", listed);
        parameters.put("page_size", pageSize);
        parameters.put("page_ends", pageEnds);
        parameters.put("page_before", pageBefore);
        parameters.put("settle", settle);
        return parameters;
    }
}
