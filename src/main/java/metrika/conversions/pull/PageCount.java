package metrika.conversions.pull;

import java.util.List;
import java.util.regex.Pattern;

import org.apache.camel.Exchange;

/**
 * How the pages of an API are counted that numbers them, or says of which row on it is asked.
 *
 * @param isCounted whether they are; else the API names its next page, or is asked from its last row on
 * @param first the number of the first page; empty: 1
 * @param size rows of a full page; 0: unknown
 * @param total path of the number of pages in what the API answers; empty: it does not say
 */
record PageCount(boolean isCounted, String first, int size, String total) {

    /** What is replaced by how many rows lie before the page. */
    static final String OFFSET = "{offset}";

    private static final Pattern PAGES = Pattern.compile("[0-9]{1,9}");

    /** What the kamelet {@code rest-pull} was told, by its variables. */
    static PageCount of(Exchange exchange) {
        var address = exchange.getVariable("address", String.class);
        var total = exchange.getVariable("pages", String.class);
        return new PageCount(
                exchange.getVariable("count-pages", Boolean.class)
                        || !total.isBlank()
                        || address.contains(OFFSET)
                        || PageRequest.template(exchange).text().contains(OFFSET),
                exchange.getVariable("first-page", String.class),
                exchange.getVariable("page-size", Integer.class),
                total);
    }

    /** The name of the first page; empty where it has none. */
    String firstPage() {
        return isCounted && first.isBlank() ? "1" : first;
    }

    /**
     * How many rows lie before a page.
     *
     * @param page its number; {@code null}: the first
     */
    String offset(String page) {
        if (size == 0) {
            throw new PullException("{offset} needs pageSize, the rows of a full page");
        }
        return String.valueOf((long) (number(page) - number(null)) * size);
    }

    /**
     * The number of the page after one; {@code null} after the last one.
     *
     * @param page its number; {@code null}: the first
     * @param answer that has its rows, and may have the number of pages
     */
    String after(String page, List<?> rows, Object answer) {
        var isLast =
                total.isBlank() ? rows.size() < Math.max(1, size) : number(page) - number(null) + 1 >= pages(answer);
        return isLast ? null : String.valueOf(number(page) + 1);
    }

    private int pages(Object answer) {
        var found = FieldPath.find(answer, total);
        if (found == null || !PAGES.matcher(found.toString()).matches()) {
            throw new PullException("what it answers has %s at '%s' (pages): a number of pages is expected"
                    .formatted(found == null ? "nothing" : "'%s'".formatted(found), total));
        }
        return Integer.parseInt(found.toString());
    }

    private int number(String page) {
        var name = page == null ? firstPage() : page;
        if (!PAGES.matcher(name).matches()) {
            throw new PullException("firstPage is '%s': pages are counted from a number on".formatted(name));
        }
        return Integer.parseInt(name);
    }
}
