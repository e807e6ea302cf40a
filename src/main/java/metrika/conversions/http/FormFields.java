package metrika.conversions.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/**
 * The fields of a form, or the parameters of a URL: percent-encoded, and in a charset to the last byte. What does not
 * fit its charset is refused: with a sign in its place, two orders could become one.
 */
public final class FormFields {

    /** Fields of a form; each takes many times the memory of its characters. */
    public static final int MOST = 5000;

    private static final Pattern CHARSET = Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([^\";\\s]+)");
    /** What structure is written with. A charset that writes these otherwise cannot be taken apart. */
    private static final String STRUCTURE = "az09&=%+";
    /** Where a browser names the charset of a form whose page asks for it. */
    private static final String CHARSET_FIELD = "_charset_";

    private FormFields() {}

    /**
     * The charset that a Content-Type names, or {@code null}.
     *
     * @throws ProblemException 415 when it is none that is known
     */
    public static Charset charset(String contentType) {
        var named = CHARSET.matcher(contentType == null ? "" : contentType);
        if (!named.find()) {
            return null;
        }
        var charset = find(named.group(1));
        if (charset == null) {
            throw ProblemException.of(
                    415,
                    ("The charset '%s' of the Content-Type is none that is known: such as utf-8 or windows-1251 "
                                    + "is expected")
                            .formatted(shortened(named.group(1))));
        }
        return charset;
    }

    /**
     * Takes a form apart.
     *
     * @param charset as the Content-Type names it; {@code null}: the field {@code _charset_} does, else it is UTF-8
     * @return names with their values, as often as they are given, in that order
     * @throws ProblemException 400 when there are too many, they are not percent-encoded as they should be, or a field
     *     is not in the charset; 415 when nothing can be percent-encoded in that charset
     */
    public static List<Map.Entry<String, String>> ofForm(byte[] form, Charset charset) {
        if (charset != null && !STRUCTURE.equals(new String(STRUCTURE.getBytes(StandardCharsets.US_ASCII), charset))) {
            throw ProblemException.of(
                    415, "A form cannot be in %s: such as utf-8 or windows-1251 is expected".formatted(charset.name()));
        }
        var pairs = split(form);
        var used = charset != null
                ? charset
                : pairs.stream()
                        .filter(pair -> CHARSET_FIELD.equals(text(pair[0], StandardCharsets.UTF_8)))
                        .map(pair -> find(text(pair[1], StandardCharsets.ISO_8859_1)))
                        .filter(found -> found != null)
                        .findFirst()
                        .orElse(StandardCharsets.UTF_8);
        return fields(
                pairs,
                used,
                "The form's field",
                charset == null
                        ? "name its charset in the Content-Type, such as application/x-www-form-urlencoded;"
                                + " charset=windows-1251"
                        : "it has to be in the charset that the Content-Type names");
    }

    /**
     * Takes a URL's query apart, which is in UTF-8.
     *
     * @throws ProblemException as {@link #ofForm} does
     */
    public static List<Map.Entry<String, String>> ofQuery(String query) {
        return query == null
                ? List.of()
                : fields(
                        split(query.getBytes(StandardCharsets.UTF_8)),
                        StandardCharsets.UTF_8,
                        "The URL's parameter",
                        "in a URL, percent-encode the bytes of UTF-8");
    }

    /** A text in a charset, all of it. */
    public static String strict(byte[] bytes, Charset charset) throws CharacterCodingException {
        return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    private static List<Map.Entry<String, String>> fields(
            List<byte[][]> pairs, Charset charset, String what, String advice) {
        var fields = new ArrayList<Map.Entry<String, String>>(pairs.size());
        for (var pair : pairs) {
            var name = text(pair[0], charset);
            if (name == null) {
                throw broken("%s %d has a name that".formatted(what, fields.size() + 1), "", charset, advice);
            }
            var value = text(pair[1], charset);
            if (value == null) {
                throw broken("%s '%s'".formatted(what, shortened(name)), shortened(name), charset, advice);
            }
            if (!name.isEmpty()) {
                fields.add(Map.entry(name, value));
            }
        }
        return fields;
    }

    private static ProblemException broken(String what, String field, Charset charset, String advice) {
        var message = "%s is not %s: %s".formatted(what, charset.name(), advice);
        return ProblemException.of(400, message, List.of(Json.error(field, "invalid_encoding", message)));
    }

    /** Names and values, their escapes resolved. */
    private static List<byte[][]> split(byte[] encoded) {
        var pairs = new ArrayList<byte[][]>();
        var count = 1;
        var bytes = new ByteArrayOutputStream();
        byte[] name = null;
        for (int i = 0; i <= encoded.length; i++) {
            var next = i == encoded.length ? '&' : encoded[i];
            if (next == '&') {
                if (i < encoded.length && ++count > MOST) {
                    throw tooMany();
                }
                if (name != null || bytes.size() > 0) {
                    pairs.add(
                            name == null
                                    ? new byte[][] {bytes.toByteArray(), {}}
                                    : new byte[][] {name, bytes.toByteArray()});
                }
                name = null;
                bytes.reset();
            } else if (next == '=' && name == null) {
                name = bytes.toByteArray();
                bytes.reset();
            } else if (next == '%') {
                bytes.write(escaped(encoded, i + 1) << 4 | escaped(encoded, i + 2));
                i += 2;
            } else {
                bytes.write(next == '+' ? ' ' : next);
            }
        }
        return pairs;
    }

    private static int escaped(byte[] encoded, int place) {
        var digit = place < encoded.length ? Character.digit(encoded[place], 16) : -1;
        if (digit < 0) {
            throw ProblemException.of(400, "The request's query or form cannot be read: is it percent-encoded?");
        }
        return digit;
    }

    private static String text(byte[] bytes, Charset charset) {
        try {
            return strict(bytes, charset);
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static Charset find(String name) {
        try {
            return name == null ? null : Charset.forName(name.strip().replace('_', '-'));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return null;
        }
    }

    /** The problem of a form with too many fields. */
    public static ProblemException tooMany() {
        return ProblemException.of(
                400, "The request has more than %d fields: send fewer orders in one".formatted(MOST));
    }

    /** A name as it may be quoted. */
    public static String shortened(String name) {
        return (name.length() > 60 ? name.substring(0, 60) + "…" : name).replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
    }
}
