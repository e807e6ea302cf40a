package metrika.conversions.sources;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * The encoding of a file or a body, and what cannot be trusted of a text that was read by it. Bytes that are no letters
 * in it cost the row that they stand in, never the others.
 *
 * @param charset what it is read by
 * @param isSure whether it was given or could be told; else letters beyond ASCII are not taken for what they seem to be
 */
record TextEncoding(Charset charset, boolean isSure) {

    static final TextEncoding UTF_8 = new TextEncoding(StandardCharsets.UTF_8, true);

    /** What programs put before a text to tell its encoding. */
    static final String BYTE_ORDER_MARK = "\ufeff";
    /** Stands for bytes that are no letter. No text has it: Unicode keeps it free for such uses. */
    private static final char BROKEN = '\uffff';
    /**
     * The one byte that no letter of windows-1251 has; in UTF-8 it is half of some. The other encodings use all bytes.
     */
    private static final byte NO_LETTER_OF_WINDOWS = (byte) 0x98;
    /** Stands in texts for letters that were lost, here or before. */
    private static final char LOST = '\ufffd';

    /**
     * The charset of a name as people and programs write it.
     *
     * @return {@code null} for none, when it is to be detected
     * @throws IllegalArgumentException that names it, when there is no such charset
     */
    static Charset charset(String name) {
        if (name == null || name.isBlank()) {
            return null;
        }
        try {
            return Charset.forName(name.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    ("encoding is '%s', which is not known: utf-8, windows-1251, cp866, koi8-r or utf-16 is "
                                    + "expected, or nothing, when it is to be detected")
                            .formatted(name),
                    e);
        }
    }

    /** Its characters, without a byte order mark. */
    Reader reader(InputStream bytes) throws IOException {
        return reader(
                bytes,
                charset.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPLACE)
                        .onUnmappableCharacter(CodingErrorAction.REPLACE)
                        .replaceWith(String.valueOf(BROKEN)));
    }

    /** The same, where bytes that are no letters are a {@link java.nio.charset.CharacterCodingException}. */
    Reader strictReader(InputStream bytes) throws IOException {
        return reader(
                bytes,
                charset.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT));
    }

    private static Reader reader(InputStream bytes, CharsetDecoder decoder) throws IOException {
        var text = new PushbackReader(new InputStreamReader(bytes, decoder), 1);
        var first = text.read();
        if (first >= 0 && first != BYTE_ORDER_MARK.charAt(0)) {
            text.unread(first);
        }
        return text;
    }

    /** What is wrong with a text of a row, whether it is used or not; {@code null} for nothing. */
    String fault(String text) {
        return text.indexOf(BROKEN) < 0
                ? null
                : "'%s' has bytes that are no letter in %s".formatted(shown(text), charset.name());
    }

    /** What is wrong with a text that is to be stored, besides that; {@code null} for nothing. */
    String faultOfValue(String text) {
        if (text.indexOf(LOST) >= 0) {
            return "'%s' has lost a letter before it came here".formatted(text);
        }
        if (isAscii(text)) {
            return null;
        }
        if (!isSure) {
            return unsure("'%s' cannot be read".formatted(text));
        }
        return isMisreadUtf8(text)
                ? "'%s' is in UTF-8, and the rest is in %s"
                        .formatted(new String(text.getBytes(charset), StandardCharsets.UTF_8), charset.name())
                : null;
    }

    /** What is wrong with the names of columns, where one is not found; {@code null} when it is not the encoding. */
    String faultOfHeader(String header) {
        if (isMisreadUtf8(header)) {
            return "the names of the columns are in UTF-8, and the encoding is given as %s: leave it out, and it is detected"
                    .formatted(charset.name());
        }
        return fault(header) != null
                ? fault(header) + ": save it as CSV in UTF-8"
                : isSure || isAscii(header) ? null : unsure("the names of the columns cannot be read");
    }

    private static String unsure(String what) {
        return what + ": which encoding it is in cannot be told. Save it in UTF-8, or say which it is (encoding)";
    }

    /** A text as it can be shown: what is no letter as U+FFFD. */
    static String shown(String text) {
        return text.replace(BROKEN, LOST);
    }

    /**
     * Whether all letters beyond ASCII, two at least, are pairs of bytes as in UTF-8: no word looks like that by
     * chance.
     */
    private boolean isMisreadUtf8(String text) {
        if (charset.name().startsWith("UTF")) {
            return false;
        }
        var probe = new EncodingProbe();
        var bytes = text.getBytes(charset);
        for (int i = 0; i < text.length() && bytes.length == text.length(); i++) {
            bytes[i] = text.charAt(i) == BROKEN ? NO_LETTER_OF_WINDOWS : bytes[i];
        }
        probe.add(bytes, bytes.length);
        return probe.isUtf8()
                && probe.letters() > 1
                && text.chars().filter(c -> c > 127).count() == 2 * probe.letters();
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 127) {
                return false;
            }
        }
        return true;
    }
}
