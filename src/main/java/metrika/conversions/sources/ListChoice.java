package metrika.conversions.sources;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A step of a path that chooses among the entries of a list: in {@code meta_data[key='_ym_uid'].value} the one whose
 * {@code key} is {@code _ym_uid}, in {@code tags[='paid']} of a list of texts the one that is {@code paid}.
 *
 * @param list the path of the list, as it is compared
 * @param name the name in the entry, as it is compared; empty for the entry itself
 * @param value what stands under that name, or what the entry is
 * @param path of the entry that is chosen, as it is compared
 */
record ListChoice(String list, String name, String value, String path) {

    /** As it is written in a path. */
    static final String FORM = "\\[\\s*((?:[^\\[\\]'=,\\s][^\\[\\]'=,]*?)?)\\s*=\\s*'((?:[^']|'')*)'\\s*]";

    private static final Pattern IN_PATH = Pattern.compile(FORM);

    /** The choices in a path, from its front. */
    static List<ListChoice> of(String path) {
        var choices = new ArrayList<ListChoice>();
        var choice = IN_PATH.matcher(path);
        while (choice.find()) {
            choices.add(new ListChoice(
                    Columns.plain(path.substring(0, choice.start())),
                    Columns.plain(choice.group(1)),
                    choice.group(2).replace("''", "'"),
                    Columns.plain(path.substring(0, choice.end()))));
        }
        return choices;
    }

    /** A path with its choices as they stand, since any sign in a value tells it from another. */
    static String plain(String path) {
        var plain = new StringBuilder();
        var choice = IN_PATH.matcher(path);
        var from = 0;
        while (choice.find()) {
            plain.append(letters(path.substring(from, choice.start())))
                    .append("[%s='%s']".formatted(letters(choice.group(1)), choice.group(2)));
            from = choice.end();
        }
        return plain.append(letters(path.substring(from))).toString();
    }

    /** A path with points in place of slashes, but for those in choices. */
    static String pointed(String path) {
        var covered = covered(path);
        var pointed = new StringBuilder(path);
        for (var i = covered.indexOf('/'); i >= 0; i = covered.indexOf('/', i + 1)) {
            pointed.setCharAt(i, '.');
        }
        return pointed.toString();
    }

    /** A name without what people and programs write differently. */
    static String letters(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}.]", "");
    }

    /** A path of the same length whose choices hold no point: the others part its names. */
    static String covered(String path) {
        return IN_PATH.matcher(path)
                .replaceAll(choice -> "x".repeat(choice.group().length()));
    }

    /** Whether an entry of the list is one that is chosen. */
    boolean isMetBy(JsonNode entry) {
        if (name.isEmpty()) {
            return is(entry);
        }
        return entry.properties().stream()
                .filter(each -> Columns.plain(each.getKey()).equals(name))
                .anyMatch(each -> is(each.getValue()));
    }

    /** An object has a text only if it was an element of XML with attributes. */
    private boolean is(JsonNode given) {
        var text = given.isObject() ? given.path("") : given;
        return text.isValueNode()
                && !text.isNull()
                && JsonFields.text(text).strip().equals(value);
    }
}
