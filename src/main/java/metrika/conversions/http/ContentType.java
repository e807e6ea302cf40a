package metrika.conversions.http;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;

import metrika.conversions.problem.FieldErrors;
import metrika.conversions.problem.ProblemException;

/**
 * What a body is, as RFC 9110 writes it in {@code Content-Type}: any case, blanks around {@code ;}, values in quotes or
 * not, parameters that nobody knows. Of the parameters {@code charset} alone is kept, by its usual name.
 *
 * @param name such as {@code application/json}, in lower case
 * @param charset in lower case; {@code null} when none is given. What is ASCII is UTF-8 too, and given as that
 */
record ContentType(String name, String charset) {

    private static final String TOKEN_SIGNS = "!#$%&'*+-.^_`|~";

    /**
     * Reads a header's value.
     *
     * @throws ProblemException 415 when it is no media type, or its charset is none
     */
    static ContentType parse(String header) {
        var end = header.indexOf(';');
        var name = strip(end < 0 ? header : header.substring(0, end)).toLowerCase(Locale.ROOT);
        var slash = name.indexOf('/');
        // A range of types is no type that a body can have
        if (slash < 1
                || !isToken(name.substring(0, slash))
                || !isToken(name.substring(slash + 1))
                || name.contains("*")) {
            throw ProblemException.of(
                    415,
                    "Content-Type is '%s': a media type such as application/json is expected"
                            .formatted(FieldErrors.quoted(header)));
        }
        String charset = null;
        for (var rest = end < 0 ? "" : header.substring(end + 1); !rest.isEmpty(); ) {
            var length = lengthOfParameter(rest);
            var parameter = rest.substring(0, length);
            rest = rest.substring(Math.min(rest.length(), length + 1));
            var equals = parameter.indexOf('=');
            if (equals > 0 && strip(parameter.substring(0, equals)).equalsIgnoreCase("charset")) {
                var given = usual(unquoted(strip(parameter.substring(equals + 1))));
                if (given != null && charset != null && !given.equals(charset)) {
                    throw ProblemException.of(
                            415,
                            "Content-Type names two charsets, %s and %s: one is expected".formatted(charset, given));
                }
                charset = given == null ? charset : given;
            }
        }
        return new ContentType(name, charset);
    }

    /** As it is handed on: in one way, however it was written. */
    String text() {
        return charset == null ? name : name + ";charset=" + charset;
    }

    /** Up to the next semicolon that does not stand in quotes. */
    private static int lengthOfParameter(String rest) {
        var isQuoted = false;
        for (int i = 0; i < rest.length(); i++) {
            var next = rest.charAt(i);
            if (next == '"') {
                isQuoted = !isQuoted;
            } else if (next == '\\' && isQuoted) {
                i++;
            } else if (next == ';' && !isQuoted) {
                return i;
            }
        }
        return rest.length();
    }

    private static String unquoted(String value) {
        return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
                ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1")
                : value;
    }

    private static String usual(String charset) {
        if (charset.isEmpty()) {
            return null;
        }
        try {
            var known = Charset.forName(charset.replace('_', '-'));
            return (known.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : known)
                    .name()
                    .toLowerCase(Locale.ROOT);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw ProblemException.of(
                    415,
                    "The charset '%s' of the Content-Type is none that is known: utf-8 is expected"
                            .formatted(FieldErrors.quoted(charset)));
        }
    }

    private static String strip(String text) {
        var from = 0;
        var to = text.length();
        while (from < to && isBlank(text.charAt(from))) {
            from++;
        }
        while (to > from && isBlank(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isBlank(char sign) {
        return sign == ' ' || sign == '\t';
    }

    private static boolean isToken(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(sign -> sign >= '0' && sign <= '9'
                                || sign >= 'a' && sign <= 'z'
                                || TOKEN_SIGNS.indexOf(sign) >= 0);
    }
}
