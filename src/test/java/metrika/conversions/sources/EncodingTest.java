package metrika.conversions.sources;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.intake.SourceRow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Files in all the encodings that programs in Russia write, and files with bytes that do not belong there. */
class EncodingTest {

    private static final Charset WINDOWS_1251 = Charset.forName("windows-1251");
    private static final String HEAD = "client_id;target;date_time;comment\n";
    private static final String MARK = "\ufeff";
    private static final List<String> WORDS =
            List.of(("покупка заявка звонок регистрация оплата подписка доставка корзина заказ продажа обращение"
                            + " сделка визит форма договор предоплата бронь отмена кредит урок курс вебинар"
                            + " консультация запись"
                            + " приём анкета расчёт телефон встреча счёт монтаж замер вход юрист щит эхо ёлка"
                            + " съезд цех дата сумма"
                            + " менеджер город Москва Иванов Пётр")
                    .split(" "));

    @TempDir
    private Path directory;

    private static byte[] bytes(Object... parts) {
        var bytes = new ByteArrayOutputStream();
        for (var part : parts) {
            bytes.writeBytes(part instanceof byte[] raw ? raw : part.toString().getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static byte[] raw(int... values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static String row(int number, String target, String comment) {
        return "17640576%d;%s;25.11.2026 12:00;%s\n".formatted(number, target, comment);
    }

    /** The rows as they would be stored; a row at fault by its reason. */
    private List<String> read(String name, byte[] content, String encoding) throws IOException {
        var path = Files.write(directory.resolve("content"), content);
        var file = new ImportedFile(
                name,
                new FileRows(name, path.toFile(), new Columns(""), TextEncoding.charset(encoding), null, CsvFrame.NONE),
                directory.resolve("errors.csv"));
        file.examine();
        var rows = new ArrayList<String>();
        try (var parts = file.chunks()) {
            while (parts.hasNext()) {
                for (SourceRow row : parts.next().rows()) {
                    rows.add(
                            row.fault() != null
                                    ? row.line() + ": " + row.fault()
                                    : row.fields().get("target").toString());
                }
            }
        }
        return rows;
    }

    private List<String> read(byte[] content) throws IOException {
        return read("orders.csv", content, null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "windows-1251", "IBM866", "KOI8-R", "UTF-16LE", "UTF-16BE"})
    void everyEncodingIsFoundOut(String charset) throws IOException {
        var text = HEAD
                + row(1, "покупка", "Спасибо, всё хорошо")
                + row(2, "Заявка с сайта", "№ 5 «Ромашка»".replace("«Ромашка»", "Ромашка"))
                + row(3, "buy", "");
        if (charset.equals("IBM866") || charset.equals("KOI8-R")) {
            text = text.replace("№", "N");
        }
        assertThat(read(text.getBytes(charset))).containsExactly("покупка", "Заявка с сайта", "buy");
        var marked = charset.startsWith("UTF") ? MARK + text : text;
        assertThat(read(marked.getBytes(charset))).containsExactly("покупка", "Заявка с сайта", "buy");
        var json = "{\"client_id\": \"1\", \"target\": \"покупка\", \"comment\": \"Спасибо, всё хорошо\"}\n";
        assertThat(read("orders.json", json.getBytes(charset), null)).containsExactly("покупка");
        assertThat(read("orders.jsonl", json.repeat(2).getBytes(charset), null)).containsExactly("покупка", "покупка");
    }

    /** Whatever is in it: the text itself, or a row that is refused. */
    @Test
    void noTextIsGarbled() throws IOException {
        var random = new Random(12);
        var told = 0;
        for (int i = 0; i < 100; i++) {
            var text =
                    random.ints(1 + i % 6, 0, WORDS.size()).mapToObj(WORDS::get).collect(Collectors.joining(" "));
            for (var target : List.of(text, text.toUpperCase())) {
                for (var charset : List.of("windows-1251", "IBM866", "KOI8-R")) {
                    if (charset.equals("KOI8-R") && !target.equals(text)) {
                        continue; // reads like small letters in windows-1251, which are what everybody writes
                    }
                    var read = read((HEAD + row(1, target, "") + row(2, target, "")).getBytes(charset));
                    assertThat(read)
                            .as("%s in %s", target, charset)
                            .allMatch(row -> row.equals(target) || row.contains("cannot be told"));
                    told += read.contains(target) ? 1 : 0;
                }
            }
        }
        assertThat(told).as("of 500").isGreaterThan(366);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneBrokenLetterCostsItsRow(boolean isMarked) throws IOException {
        var rows = IntStream.range(0, 4)
                .mapToObj(i -> row(i, "Покупка в магазине", "Спасибо"))
                .toList();
        var content = bytes(
                isMarked ? MARK : "",
                HEAD,
                rows.get(0),
                rows.get(1),
                "1764;Покупка;25.11.2026 12:00;Спасиб",
                raw(0xd0),
                "\n",
                rows.get(2),
                rows.get(3));
        var read = read(content);
        assertThat(read).hasSize(5).filteredOn("Покупка в магазине"::equals).hasSize(4);
        assertThat(read.get(2)).isEqualTo("4: column comment: 'Спасиб\ufffd' has bytes that are no letter in UTF-8");
        assertThat(read("orders.csv", content, "utf-8")).isEqualTo(read);
    }

    @Test
    void aLetterThatIsCutAtTheEndOrFarBehindCostsItsRow() throws IOException {
        assertThat(read(bytes(HEAD, row(1, "покупка", ""), "2;покупка;25.11.2026 12:00;спасиб", raw(0xd0))))
                .containsExactly("покупка", "3: column comment: 'спасиб\ufffd' has bytes that are no letter in UTF-8");
        var many = row(1, "покупка", "").repeat(10_000);
        var far = read(bytes(HEAD, many, "2;покупк", raw(0xd0), ";25.11.2026 12:00;\n", many));
        assertThat(far)
                .hasSize(20_001)
                .filteredOn(row -> !row.equals("покупка"))
                .singleElement()
                .asString()
                .startsWith("10002: column target");
        var utf16 = (HEAD + row(1, "покупка", "")).getBytes(StandardCharsets.UTF_16LE);
        assertThat(read(bytes(utf16, "2;x;y;z".getBytes(StandardCharsets.UTF_16LE), raw(0x41))))
                .hasSize(2)
                .first()
                .isEqualTo("покупка");
        assertThat(read(
                        "orders.csv",
                        bytes(HEAD, row(1, "покупка", "").getBytes(WINDOWS_1251), "2;b", raw(0x98), "uy;t;c\n"),
                        "cp1251"))
                .containsExactly(
                        "покупка", "3: column target: 'b\ufffduy' has bytes that are no letter in windows-1251");
    }

    @Test
    void rowsOfAnotherEncodingAreRefused() throws IOException {
        assertThat(read(bytes(
                        HEAD.replace("comment", "Комментарий"),
                        row(1, "Покупка в магазине", "Спасибо"),
                        row(2, "заявка", "").getBytes(WINDOWS_1251))))
                .hasSize(2)
                .satisfies(rows -> assertThat(rows.get(0)).isEqualTo("Покупка в магазине"))
                .satisfies(rows ->
                        assertThat(rows.get(1)).startsWith("3: column target: ").endsWith("no letter in UTF-8"));
        var mostly1251 =
                HEAD + row(1, "Покупка в магазине", "Спасибо за заказ") + row(2, "Регистрация на сайте", "до встречи");
        assertThat(read(bytes(mostly1251.getBytes(WINDOWS_1251), row(3, "заявка", ""))))
                .containsExactly(
                        "Покупка в магазине",
                        "Регистрация на сайте",
                        "4: column target: 'заявка' is in UTF-8, and the rest is in windows-1251");
    }

    @Test
    void whatCannotBeToldIsNotGuessed() throws IOException {
        var content = bytes(
                HEAD,
                row(1, "buy", ""),
                "2;buy;25.11.2026 12:00;",
                raw(0xf0),
                "\n3;",
                raw(0xf0),
                ";25.11.2026 12:00;\n");
        assertThat(read(content))
                .hasSize(3)
                .startsWith("buy", "buy")
                .last()
                .asString()
                .startsWith("4: column target: ")
                .contains("which encoding it is in cannot be told", "(encoding)");
        assertThat(read("orders.csv", content, "windows-1251")).containsExactly("buy", "buy", "р");
        assertThat(read("orders.csv", content, "cp866")).containsExactly("buy", "buy", "Ё");
        assertThat(read(bytes(HEAD, row(1, "lost \ufffd", ""), row(2, "buy", "lost \ufffd"))))
                .containsExactly("2: column target: 'lost \ufffd' has lost a letter before it came here", "buy");
    }

    @Test
    void jsonIsReadAlike() throws IOException {
        var good = "{\"client_id\": \"1\", \"target\": \"покупка\", \"comment\": \"Спасибо\"}\n";
        var cut = bytes("{\"client_id\": \"2\", \"target\": \"покупк", raw(0xd0), "\"}\n");
        assertThat(read("orders.json", bytes(MARK, "[", good, ",", good, ",", cut, ",", good, "]"), null))
                .hasSize(4)
                .filteredOn("покупка"::equals)
                .hasSize(3);
        assertThat(read("orders.jsonl", bytes(good, cut, MARK, good), null))
                .hasSize(3)
                .startsWith("покупка")
                .satisfies(
                        rows -> assertThat(rows.get(1)).isEqualTo("2: the row has bytes that are no letter in UTF-8"))
                .satisfies(rows -> assertThat(rows.get(2)).isEqualTo("покупка"));
    }

    @ParameterizedTest
    @CsvSource({"PK\u0003\u0004xlsx, workbook of Excel", "a;b\0\0\0\0\0\0\1\2\3;c, not text"})
    void whatIsNoTextIsNamed(String content, String message) {
        assertThatThrownBy(() -> read(content.getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageContaining(message);
    }

    @Test
    void anEncodingIsBlamedForAHeaderThatCannotBeRead() {
        assertThatThrownBy(() -> read(bytes("client_id;", raw(0xf0), ";date_time\n1;a;b\n")))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageContaining("which encoding it is in cannot be told");
        assertThatThrownBy(() -> TextEncoding.charset("cp-12345"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("encoding is 'cp-12345', which is not known: utf-8, windows-1251");
    }

    @ParameterizedTest
    @ValueSource(strings = {"windows-1251", "IBM866", "KOI8-R"})
    void aHeaderInUtf8IsKnownWhereAnotherEncodingIsGiven(String encoding) {
        for (var column : List.of("Цель", "Имя клиента", "Источник")) {
            assertThatThrownBy(() -> read("orders.csv", bytes("client_id;", column, ";date_time\n1;a;b\n"), encoding))
                    .isInstanceOf(BrokenFileException.class)
                    .hasMessageContaining(
                            "the names of the columns are in UTF-8, and the encoding is given as " + encoding)
                    .hasMessageContaining("leave it out");
        }
        assertThatThrownBy(() -> read(
                        "orders.csv",
                        "client_id;Источник;date_time\n1;a;b\n".getBytes(Charset.forName(encoding)),
                        encoding))
                .hasMessageContaining("The columns are: client_id, Источник, date_time");
    }

    @Test
    void theMarkKnowsBetterThanWhatIsSaid() throws IOException {
        for (var charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            assertThat(read("orders.csv", (MARK + HEAD + row(1, "покупка", "")).getBytes(charset), "windows-1251"))
                    .containsExactly("покупка");
        }
        Stream.of("", " ", null)
                .forEach(none -> assertThat(TextEncoding.charset(none)).isNull());
    }
}
