package metrika.conversions.pull;

import java.util.regex.Pattern;

import org.apache.camel.Exchange;

/**
 * What is asked of a source for one of its pages.
 *
 * @param address of the page
 * @param body that is posted to it; an empty one of a page that is asked for by GET
 */
record PageRequest(String address, RequestBody body) {

    /** What is replaced in a body for each page. */
    static final Pattern PLACES = Pattern.compile("\\{(cursor|page|offset)}");

    /** The body that the kamelet {@code rest-pull} was told, by its variables. */
    static RequestBody template(Exchange exchange) {
        return new RequestBody(
                exchange.getVariable("request-body", "", String.class),
                exchange.getVariable("content-type", "", String.class));
    }

    /**
     * The request for a page.
     *
     * @param address with {@code {cursor}}, {@code {page}} and {@code {offset}}, as the body
     * @param page what the source says of the page, or its number; {@code null} at the first one, which may have a name
     *     too
     * @throws PullException when there is no place for the page, or it lies on another server
     */
    static PageRequest of(String address, RequestBody body, String cursor, String page, PageCount count) {
        var isAddress = page != null && PageAddress.isAbsolute(page);
        if (page != null && !isAddress && !hasPlace(address) && !hasPlace(body.text())) {
            throw new PullException("its next page is '%s', and address has no {page} to put it%s"
                    .formatted(page, body.isGiven() ? ", nor has body" : ""));
        }
        var target = PageAddress.of(address, cursor, page, count);
        return new PageRequest(target, body.isGiven() ? filled(body, cursor, isAddress ? null : page, count) : body);
    }

    private static boolean hasPlace(String template) {
        return template.contains(PageAddress.PAGE) || template.contains(PageCount.OFFSET);
    }

    private static RequestBody filled(RequestBody body, String cursor, String page, PageCount count) {
        var name = page == null ? count.firstPage() : page;
        var paged = name.isBlank() ? body.withoutPage() : body;
        return paged.fill(PLACES, place -> switch (place) {
            case "cursor" -> cursor;
            case "page" -> name;
            default -> count.offset(page);
        });
    }
}
