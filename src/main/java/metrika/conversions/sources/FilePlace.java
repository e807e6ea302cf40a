package metrika.conversions.sources;

import java.util.Map;

import org.apache.camel.Exchange;

/**
 * Where a file lies below the folder that its source looks at.
 *
 * @param folder such as {@code 29/}; empty in that folder itself
 * @param archive the archive that it was in, and the folder there, such as {@code export.zip/29/}; else empty. It is
 *     shown, and plays no other role: a file is the same with an archive around it and without
 */
record FilePlace(String folder, String archive) {

    /** The header that has the archive of a file. */
    static final String ARCHIVE = "CamelFileArchive";

    static FilePlace of(Exchange exchange) {
        var name = exchange.getMessage()
                .getHeader(Exchange.FILE_NAME, "", String.class)
                .replace('\\', '/');
        return new FilePlace(
                name.substring(0, name.lastIndexOf('/') + 1),
                exchange.getMessage().getHeader(ARCHIVE, "", String.class));
    }

    /** As the file is shown to people. */
    String shown(String name) {
        return archive + folder + name;
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
