package metrika.conversions.sources;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.mozilla.universalchardet.prober.SingleByteCharsetProber;
import org.mozilla.universalchardet.prober.sequence.Win1251Model;

/**
 * Finds out the encoding of bytes that it is given one piece after another, all of them: UTF-8 where what is valid
 * outweighs what is not, UTF-16 by its zeros, else one of Russia's single-byte encodings if its words are Russian in
 * that one only. Memory does not grow with the bytes.
 */
final class EncodingProbe {

    private static final Charset WINDOWS_1251 = Charset.forName("windows-1251");
    private static final Charset KOI8_R = Charset.forName("KOI8-R");
    private static final List<Charset> SINGLE_BYTE = List.of(WINDOWS_1251, Charset.forName("IBM866"), KOI8_R);
    /** What Russian texts have besides letters. */
    private static final String USUAL_SIGNS = "\u00a0«»№–—‘’“”„…§°₽•";

    private static final int MAX_WORDS = 2000;
    private static final int LONGEST_WORD = 40;
    /** Below that many letters beyond ASCII nothing can be told. */
    private static final int FEWEST_LETTERS = 4;
    /** Capitals in windows-1251 look like small letters in KOI8-R, which is rare: a few words do not decide for it. */
    private static final int FEWEST_OF_KOI8 = 24;

    private static final double LEAST = 0.3;
    private static final double MARGIN = 0.15;
    private static final double PLAUSIBLE = 0.5;

    private final byte[] start = new byte[4];
    private long length;
    private long zerosAtEven;
    private long zerosAtOdd;
    /** Bytes that a letter in UTF-8 still lacks. */
    private int missing;

    private int lead;
    private boolean isLikely;
    private long letters;
    private long broken;
    /** What stands between ASCII, once each, as ISO-8859-1; without what is valid UTF-8. */
    private final Set<String> words = new LinkedHashSet<>();

    private final StringBuilder word = new StringBuilder();
    private long lettersBefore;
    private long brokenBefore;

    void add(byte[] bytes, int count) {
        for (int i = 0; i < count; i++) {
            add(bytes[i]);
        }
    }

    private void add(byte b) {
        if (length < start.length) {
            start[(int) length] = b;
        }
        if (b == 0) {
            if (length % 2 == 0) {
                zerosAtEven++;
            } else {
                zerosAtOdd++;
            }
        }
        length++;
        if (b >= 0 && missing == 0 && word.isEmpty()) {
            return;
        }
        if (word.isEmpty()) {
            lettersBefore = letters;
            brokenBefore = broken;
        }
        countUtf8(b & 0xff);
        if (b >= 0) {
            endWord();
        } else if (word.length() < LONGEST_WORD) {
            word.append((char) (b & 0xff));
        }
    }

    private void countUtf8(int b) {
        if (missing > 0 && (b & 0xc0) == 0x80) {
            // Of what has more than two bytes only dashes and the like and emoji count: words in IBM866 look like the
            // rest.
            isLikely = isLikely
                    && (lead < 0xe0
                            || lead == 0xe2 && (missing == 1 || b <= 0x84)
                            || lead == 0xf0 && (missing < 3 || b == 0x9f));
            if (--missing == 0 && isLikely) {
                letters++;
            }
            return;
        }
        broken += missing > 0 ? 1 : 0;
        missing = b >= 0xc2 && b < 0xe0 ? 1 : b >= 0xe0 && b < 0xf0 ? 2 : b >= 0xf0 && b < 0xf5 ? 3 : 0;
        broken += missing == 0 && b >= 0x80 ? 1 : 0;
        lead = b;
        isLikely = true;
    }

    private void endWord() {
        var isUtf8 = broken == brokenBefore && letters - lettersBefore > 1;
        if (!isUtf8 && words.size() < MAX_WORDS) {
            words.add(word.toString());
        }
        word.setLength(0);
    }

    /** Whether it is UTF-8 to the end, as plain ASCII is too. */
    boolean isUtf8() {
        return broken == 0 && missing == 0;
    }

    /** Letters beyond ASCII that are valid UTF-8, without those of far countries. */
    long letters() {
        return letters;
    }

    /**
     * The encoding of all that was added.
     *
     * @param given what it is said to be, or {@code null}; a byte order mark knows better
     * @throws BrokenFileException when it is no text
     */
    TextEncoding encoding(Charset given) {
        var marked = marked();
        if (marked != null) {
            return new TextEncoding(marked, true);
        }
        checkText();
        var utf16 = utf16();
        if (given != null && (!given.equals(StandardCharsets.UTF_16) || utf16 == null)) {
            return new TextEncoding(given, true);
        }
        if (utf16 != null) {
            return new TextEncoding(utf16, true);
        }
        if (letters > broken || isUtf8() && word.isEmpty() && words.isEmpty()) {
            return TextEncoding.UTF_8;
        }
        var told = singleByte();
        if (told == null && isUtf8()) {
            return TextEncoding.UTF_8;
        }
        return new TextEncoding(told == null ? WINDOWS_1251 : told, told != null);
    }

    private Charset marked() {
        var first = (start[0] & 0xff) << 8 | start[1] & 0xff;
        if (length >= 3 && first == 0xefbb && (start[2] & 0xff) == 0xbf) {
            return StandardCharsets.UTF_8;
        }
        if (length >= 4 && first == 0xfffe && start[2] == 0 && start[3] == 0) {
            return Charset.forName("UTF-32LE");
        }
        return length < 2
                ? null
                : first == 0xfffe ? StandardCharsets.UTF_16LE : first == 0xfeff ? StandardCharsets.UTF_16BE : null;
    }

    /** UTF-16 without its mark: the zeros of delimiters, digits and Latin letters all stand at one side. */
    private Charset utf16() {
        if (10 * zerosAtOdd > length && zerosAtEven * 10 < zerosAtOdd) {
            return StandardCharsets.UTF_16LE;
        }
        return 10 * zerosAtEven > length && zerosAtOdd * 10 < zerosAtEven ? StandardCharsets.UTF_16BE : null;
    }

    private void checkText() {
        if (start[0] == 'P' && start[1] == 'K' && start[2] < 10) {
            throw new BrokenFileException(
                    1, "this is a workbook of Excel or a ZIP archive, not text: save it as CSV in UTF-8");
        }
        if ((start[0] & 0xff) == 0xd0 && (start[1] & 0xff) == 0xcf && (start[2] & 0xff) == 0x11) {
            throw new BrokenFileException(1, "this is a document of Excel or Word, not text: save it as CSV in UTF-8");
        }
        if (20 * (zerosAtEven + zerosAtOdd) > length && utf16() == null) {
            throw new BrokenFileException(1, "this is not text: save it as CSV in UTF-8");
        }
    }

    /** @return {@code null} when it cannot be told */
    private Charset singleByte() {
        if (!word.isEmpty()) {
            endWord();
        }
        var sample = String.join(" ", words).getBytes(StandardCharsets.ISO_8859_1);
        var count = words.stream().mapToInt(String::length).sum();
        var usual = new String(sample, WINDOWS_1251);
        Charset best = null;
        var first = -1.0;
        var second = -1.0;
        for (var charset : SINGLE_BYTE) {
            var confidence = confidence(new String(sample, charset));
            if (confidence > first) {
                second = first;
                first = confidence;
                best = charset;
            } else {
                second = Math.max(second, confidence);
            }
        }
        if (count < FEWEST_LETTERS || first < LEAST) {
            return null;
        }
        if (first - second >= MARGIN) {
            return best != KOI8_R || count >= FEWEST_OF_KOI8 || odd(usual) > 0 ? best : null;
        }
        var confidence = confidence(usual);
        var hasSmallLetters = !usual.equals(usual.toUpperCase(Locale.ROOT));
        return confidence >= PLAUSIBLE && first - confidence < MARGIN && hasSmallLetters ? WINDOWS_1251 : null;
    }

    /** How likely a text is Russian, from 0 to 1, by which letters follow each other. */
    private static double confidence(String text) {
        var prober = new SingleByteCharsetProber(new Win1251Model());
        var bytes = text.toLowerCase(Locale.ROOT).getBytes(WINDOWS_1251); // it is trained on small letters
        prober.handleData(bytes, 0, bytes.length);
        return prober.getConfidence() * (20 * odd(text) > text.length() ? 0.3 : 1);
    }

    /** Signs that Russian texts do not have, and capitals behind small letters. */
    private static int odd(String text) {
        var odd = 0;
        var previous = ' ';
        for (int i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            odd += c > 127 && !isUsual(c) || Character.isUpperCase(c) && Character.isLowerCase(previous) ? 1 : 0;
            previous = c;
        }
        return odd;
    }

    private static boolean isUsual(char c) {
        return c >= 'А' && c <= 'я' || c == 'ё' || c == 'Ё' || USUAL_SIGNS.indexOf(c) >= 0;
    }
}
