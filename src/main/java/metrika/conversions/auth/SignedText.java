package metrika.conversions.auth;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A text that a sender signs: values by their names in braces, and parts in square brackets that are left out where the
 * message does not have their fields, such as <code>{order}:{secretKey}[:client={client}]</code>.
 */
final class SignedText {

    /** A name, or a bracket. A bracket within braces belongs to the name. */
    private static final Pattern TOKEN = Pattern.compile("\\{([^{}]+)}|[\\[\\]]");

    private static final String MEANING = "what may be missing stands between the two, such as [:client={client}]";

    private final List<Piece> pieces = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();
    private String fault;

    /**
     * Something that stands as it is, or is replaced.
     *
     * @param literal the text that stands as it is; {@code null} of a name
     * @param name of what is put in; {@code null} of a text
     * @param part that it belongs to; {@code null} of what is always there
     */
    private record Piece(String literal, String name, Part part) {}

    /** What may be left out, with the pieces of it. No record: it and its pieces know each other. */
    private static final class Part {

        private final List<Piece> pieces = new ArrayList<>();

        List<String> names() {
            return pieces.stream().map(Piece::name).filter(name -> name != null).toList();
        }

        /** The longest of its texts, which no message without it has by chance; empty where it has none. */
        String mark() {
            return pieces.stream()
                    .map(Piece::literal)
                    .filter(literal -> literal != null)
                    .max(Comparator.comparingInt(String::length))
                    .orElse("");
        }
    }

    SignedText(String text) {
        Part part = null;
        var end = 0;
        for (var found : TOKEN.matcher(text).results().toList()) {
            add(text.substring(end, found.start()), null, part);
            end = found.end();
            if (found.group(1) != null) {
                add(null, found.group(1), part);
            } else if (found.group().equals("[")) {
                check(part == null, "has a bracket within another: parts that may be missing stand side by side");
                part = new Part();
                parts.add(part);
            } else {
                check(part != null, "has a ] without its [: " + MEANING);
                part = null;
            }
        }
        add(text.substring(end), null, part);
        check(part == null, "has a [ without its ]: " + MEANING);
    }

    /** Keeps the first fault: those behind it may be its consequences. */
    private void check(boolean isRight, String otherwise) {
        if (!isRight && fault == null) {
            fault = otherwise;
        }
    }

    private void add(String literal, String name, Part part) {
        if (name == null && literal.isEmpty()) {
            return;
        }
        var piece = new Piece(literal, name, part);
        pieces.add(piece);
        if (part != null) {
            part.pieces.add(piece);
        }
    }

    /**
     * What is wrong with the brackets; {@code null} when all is well.
     *
     * @param isField whether a name is that of a field of the message
     */
    String fault(Predicate<String> isField) {
        if (fault != null) {
            return fault;
        }
        for (var part : parts) {
            var other = part.names().stream().filter(isField.negate()).findFirst();
            if (other.isPresent()) {
                return "has {%s} in brackets: only fields of the message may be missing".formatted(other.get());
            }
            if (part.names().isEmpty()) {
                return "has brackets without a field in them: a part is left out where its field is missing, such as"
                        + " [:client={client}]";
            }
        }
        return null;
    }

    /** The names of all that is put in. */
    List<String> names() {
        return names(piece -> true);
    }

    /** The names of what stands outside of the brackets, which is always signed. */
    List<String> namesAlwaysSigned() {
        return names(piece -> piece.part() == null);
    }

    private List<String> names(Predicate<Piece> which) {
        return pieces.stream()
                .filter(which)
                .map(Piece::name)
                .filter(name -> name != null)
                .toList();
    }

    /**
     * What is signed. A part in brackets is left out where none of its fields is there; elsewhere what is not there is
     * empty.
     *
     * @param value of a name, as bytes; {@code null} for none
     * @param key the name of what nobody else knows: nothing can be moved over it
     * @return {@code null} when a part has some of its fields only, or what is left out of a part could stand in
     *     another value: which fields were signed is not to be known then
     */
    byte[] filled(Function<String, byte[]> value, String key) {
        for (var part : parts) {
            if (!isLeftOut(part, value) && part.names().stream().anyMatch(name -> value.apply(name) == null)) {
                return null;
            }
        }
        var filled = new ByteArrayOutputStream();
        var sinceKey = new ArrayList<Piece>();
        for (var piece : pieces) {
            if (!key.equals(piece.name())) {
                sinceKey.add(piece);
                continue;
            }
            if (!append(filled, sinceKey, value)) {
                return null;
            }
            filled.writeBytes(value.apply(key));
            sinceKey.clear();
        }
        return append(filled, sinceKey, value) ? filled.toByteArray() : null;
    }

    private static boolean isLeftOut(Part part, Function<String, byte[]> value) {
        return part != null && part.names().stream().allMatch(name -> value.apply(name) == null);
    }

    /**
     * Adds some pieces.
     *
     * @return whether they can be read in one way only: the values do not have the text of a part that is left out
     */
    private static boolean append(ByteArrayOutputStream filled, List<Piece> pieces, Function<String, byte[]> value) {
        var text = new ByteArrayOutputStream();
        for (var piece : pieces) {
            if (!isLeftOut(piece.part(), value)) {
                var bytes = piece.name() == null ? bytes(piece.literal()) : value.apply(piece.name());
                text.writeBytes(bytes == null ? new byte[0] : bytes);
            }
        }
        filled.writeBytes(text.toByteArray());
        return pieces.stream()
                .map(Piece::part)
                .filter(part -> isLeftOut(part, value) && !part.mark().isEmpty())
                .allMatch(part -> {
                    var mark = bytes(part.mark());
                    var fixed = pieces.stream()
                            .filter(piece -> piece.name() == null && !isLeftOut(piece.part(), value))
                            .mapToInt(piece -> count(bytes(piece.literal()), mark))
                            .sum();
                    return count(text.toByteArray(), mark) <= fixed;
                });
    }

    private static int count(byte[] text, byte[] mark) {
        var count = 0;
        for (int i = 0; i + mark.length <= text.length; i++) {
            if (Arrays.equals(text, i, i + mark.length, mark, 0, mark.length)) {
                count++;
            }
        }
        return count;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
