package metrika.conversions.sources;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import metrika.conversions.intake.Currencies;
import metrika.conversions.intake.InvalidValue;
import metrika.conversions.intake.Money;
import metrika.conversions.text.InvisibleCharacters;
import metrika.conversions.text.StorableText;

/**
 * Reads a sum as it is shown to people: {@code 1 990,50 ₽}, {@code $1,990.50}, {@code 1'990.50}, {@code 1990.50|RUB}.
 * One point alone is a decimal point, as in the API; one comma alone before three digits could be either, and is
 * refused.
 */
final class PriceCell {

    /**
     * What stands for a currency besides its code. Where it may stand for several, the row itself has to say for which.
     */
    private static final Map<String, List<String>> SIGNS = Stream.of(
                    "₽ RUB",
                    "руб RUB BYN",
                    "р RUB BYN",
                    "рубль RUB BYN",
                    "рубля RUB BYN",
                    "рублей RUB BYN",
                    "rur RUB",
                    "br BYN",
                    "€ EUR",
                    "евро EUR",
                    "₴ UAH",
                    "грн UAH",
                    "₸ KZT",
                    "тг KZT",
                    "тенге KZT",
                    "сом KGS",
                    "сум UZS",
                    "₼ AZN",
                    "₾ GEL",
                    "֏ AMD",
                    "₺ TRY",
                    "₹ INR",
                    "₪ ILS",
                    "₮ MNT",
                    "₫ VND",
                    "zł PLN",
                    "kč CZK",
                    "us$ USD",
                    "$ USD AUD CAD HKD MXN NZD SGD TWD ARS CLP COP BRL",
                    "£ GBP EGP LBP SYP GIP FKP SHP",
                    "¥ JPY CNY",
                    "₩ KRW KPW")
            .map(line -> List.of(line.split(" ")))
            .collect(Collectors.toUnmodifiableMap(line -> line.get(0), line -> line.subList(1, line.size())));

    private static final int CODE = 3;
    private static final int THOUSAND = 3;

    private PriceCell() {}

    /**
     * @param cell trimmed
     * @return a text with a decimal point, {@link Money}, or {@link InvalidValue} when it could be two sums; what is
     *     none as it is
     */
    static Object read(String cell) {
        // Accountants put what is below zero into brackets.
        var isInBrackets = cell.startsWith("(") && cell.endsWith(")");
        var text = isInBrackets ? cell.substring(1, cell.length() - 1) : cell;
        var from = 0;
        while (from < text.length() && !isDigit(text.charAt(from))) {
            from++;
        }
        if (from == text.length()) {
            return cell;
        }
        var to = text.length();
        while (!isDigit(text.charAt(to - 1))) {
            to--;
        }
        // A point after a letter ends a word: руб.500 is no half of a rouble.
        from -= from > 0 && isMark(text.charAt(from - 1)) && (from < 2 || !Character.isLetter(text.charAt(from - 2)))
                ? 1
                : 0;
        to += to < text.length() && isMark(text.charAt(to)) ? 1 : 0;
        var before = sign(text.substring(0, from));
        var after = sign(text.substring(to));
        var isBelowZero = isInBrackets || before.indexOf('-') >= 0 || after.equals("-") && !isMark(text.charAt(to - 1));
        before = before.replaceFirst("[-+]", "");
        after = after.equals("-") ? "" : after; // 300- of SAP, or 300,- for no decimals
        var named = before.isEmpty() ? after : before;
        var currencies = currencies(named);
        var isNamedTwice = !before.isEmpty() && !after.isEmpty();
        if (!named.isEmpty() && currencies.isEmpty()
                || isNamedTwice && !currencies(after).equals(currencies)) {
            return cell;
        }
        var amount = amount(cell, text.substring(from, to), !named.isEmpty() && cell.indexOf('|') < 0);
        if (!(amount instanceof String digits)) {
            return amount == null ? cell : amount;
        }
        var signed = isBelowZero ? "-" + digits : digits;
        return named.isEmpty() ? signed : new Money(signed, currencies, cell);
    }

    /** A currency as a code in capitals: given as one in whatever letters, or as its sign. What is none as it is. */
    static String currency(String cell) {
        var currencies = cell.equalsIgnoreCase(Currencies.OLD_ROUBLE) ? List.<String>of() : currencies(sign(cell));
        return currencies.size() == 1 ? currencies.get(0) : cell.toUpperCase(Locale.ROOT);
    }

    private static List<String> currencies(String sign) {
        var code = sign.toUpperCase(Locale.ROOT);
        return code.length() == CODE && Currencies.isListed(code)
                ? List.of(code)
                : SIGNS.getOrDefault(sign.toLowerCase(Locale.ROOT), List.of());
    }

    /** What stands beside a number, without blanks, points and bars. */
    private static String sign(String text) {
        var sign = new StringBuilder();
        text.codePoints()
                .filter(point -> !InvisibleCharacters.isNothing(point) && point != '.' && point != '|')
                .map(point -> point == '\u2212' || point == '\u2013' ? '-' : point)
                .forEach(sign::appendCodePoint);
        return sign.toString();
    }

    /**
     * The number with a decimal point, {@link InvalidValue} when it could be two numbers, {@code null} when it is none.
     *
     * @param isForPeople whether it is written with a currency's sign, so that one point alone may part thousands:
     *     1.990 €
     */
    private static Object amount(String cell, String number, boolean isForPeople) {
        var unified = new StringBuilder();
        for (int i = 0; i < number.length(); i++) {
            var c = number.charAt(i);
            unified.append(InvisibleCharacters.isBlank(c) ? ' ' : "\u2019\u02bc\u00b4`".indexOf(c) >= 0 ? '\'' : c);
        }
        var plain = unified.toString();
        var comma = plain.lastIndexOf(',');
        var point = plain.lastIndexOf('.');
        if (comma >= 0 && point >= 0) {
            return comma > point ? parted(plain, '.', comma) : parted(plain, ',', point);
        }
        var mark = Math.max(comma, point);
        var blank = plain.indexOf(' ') >= 0 ? ' ' : '\'';
        if (plain.indexOf(blank) >= 0) {
            return parted(plain, blank, mark);
        }
        if (mark < 0) {
            return joined(plain, "");
        }
        if (plain.indexOf(plain.charAt(mark)) != mark) {
            return parted(plain, plain.charAt(mark), -1);
        }
        var whole = plain.substring(0, mark);
        var rest = plain.substring(mark + 1);
        var couldBeThousands =
                rest.length() == THOUSAND && !whole.isEmpty() && whole.length() <= THOUSAND && whole.charAt(0) != '0';
        if (couldBeThousands && (mark == comma || isForPeople)) {
            return new InvalidValue(
                    cell,
                    "invalid_price",
                    "price is %s: it could be %s.%s or %s%s. Write it as a plain number with a decimal point"
                            .formatted(StorableText.quoted(cell), whole, rest, whole, rest));
        }
        return joined(whole, rest);
    }

    /**
     * A number in groups of three digits.
     *
     * @param decimal where its decimal mark is, or -1
     */
    private static String parted(String plain, char separator, int decimal) {
        var whole = new StringBuilder();
        var end = decimal < 0 ? plain.length() : decimal;
        var next = plain.indexOf(separator);
        if (next < 1 || next > THOUSAND || plain.charAt(0) == '0' || (end - next) % (THOUSAND + 1) != 0) {
            return null;
        }
        whole.append(plain, 0, next);
        for (int i = next; i < end; i += THOUSAND + 1) {
            if (plain.charAt(i) != separator) {
                return null;
            }
            whole.append(plain, i + 1, i + 1 + THOUSAND);
        }
        return joined(whole.toString(), decimal < 0 ? "" : plain.substring(decimal + 1));
    }

    private static String joined(String whole, String decimals) {
        if (!(whole + decimals).chars().allMatch(PriceCell::isDigit)) {
            return null;
        }
        return (whole.isEmpty() ? "0" : whole) + (decimals.isEmpty() ? "" : "." + decimals);
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isMark(char c) {
        return c == '.' || c == ',';
    }
}
