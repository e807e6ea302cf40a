package metrika.conversions.sources;

import java.util.Map;

import org.apache.camel.Exchange;

/**
 * Where a file lies below the folder that its source looks at.
 *
 * @param folder such as {@code 29/}; empty in that folder itself
 */
record FilePlace(String folder) {

    static FilePlace of(Exchange exchange) {
        var name = exchange.getMessage()
                .getHeader(Exchange.FILE_NAME, "", String.class)
                .replace('\\', '/');
        return new FilePlace(name.substring(0, name.lastIndexOf('/') + 1));
    }

    /** What columns can use of it, by name. The refused rows of a file that come again are rows of that file. */
    Map<String, String> columns(FileContent content) {
        return Map.of(
                "file.folder",
                folder.isEmpty() ? "" : folder.substring(0, folder.length() - 1),
                "file.name",
                content.name().replaceFirst("\\.[^.]*(\\.errors\\.csv)*$", ""));
    }
}
