package metrika.conversions.sources;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.intake.InvalidValue;
import metrika.conversions.intake.SourceRow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** XML as a file of rows, and what columns can say of a file's place. */
class XmlRowsTest {

    private static final String RECEIPT = """
            <?xml version="1.0" encoding="windows-1251"?>
            <к:Чек xmlns:к="urn:x" Номер="000123"><Сумма Валюта="RUB">1 234,50</Сумма><Метка ymid="17643"/>
            <Тип><![CDATA[Продажа]]></Тип><Позиции><Позиция Цена="100,00"/></Позиции><!-- x --><Пусто/>
            <Данные>{"cid": "7.7"}</Данные></к:Чек>
            """;

    @TempDir
    private Path directory;

    private static List<SourceRow> rows(String xml, String columns) throws IOException {
        try (var rows = new XmlRows(new StringReader(xml), "Чек", new Columns(columns), TextEncoding.UTF_8)) {
            var list = new ArrayList<SourceRow>();
            rows.forEachRemaining(list::add);
            return list;
        }
    }

    private static Object value(String xml, String columns) throws IOException {
        Map<String, ?> fields = rows(xml, columns).get(0).fields();
        return fields.get(columns.replaceFirst("=.*", ""));
    }

    private static String fault(String xml) {
        try {
            return rows(xml, "client_id=x").toString();
        } catch (BrokenFileException | IOException e) {
            return e.getMessage();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "purchase_id=Номер|000123",
                "purchase_id=@номер|000123",
                "client_id=Метка.ymid|17643",
                "client_id=Метка.0.ymid|17643",
                "price=Сумма|1234.50",
                "currency=Сумма.Валюта|RUB",
                "target=Тип('Продажа'='receipt')|receipt",
                "purchase_id=Позиции.Позиция.Цена|100,00",
                "purchase_id=Позиции.Позиция.0.Цена|100,00",
                "purchase_id=Позиции.0.Позиция.0.Цена.0|100,00",
                "client_id=Данные.cid|7.7",
                "client_id=Пусто|",
                "client_id=Нет.Нет|"
            })
    void attributesAndElementsAreFieldsByTheirPaths(String columns, String expected) throws IOException {
        var value = value(RECEIPT, columns);
        assertThat(value == null ? null : value.toString()).isEqualTo(expected);
    }

    @Test
    void ofSeveralThePlaceSaysWhich() throws IOException {
        var two = "<Чек><П Ц='1'/><П Ц='2'/><Р>а</Р><Р>а</Р></Чек>";
        assertThat(value(two, "purchase_id=П.1.Ц")).isEqualTo("2");
        assertThat(value(two, "purchase_id=П.2.Ц")).isNull();
        assertThat(value(two, "purchase_id=Р")).isEqualTo("а");
        assertThat(((InvalidValue) value(two, "purchase_id=П.Ц")).message())
                .as("refused, since nobody knows which is meant")
                .contains("given twice");
    }

    @Test
    void ofSeveralAnAttributeOrAnElementSaysWhich() throws IOException {
        var list = "<Чек><Св Имя='a'><З>1</З></Св><Св Имя='ym'><З>2</З></Св><Р Код='c'>3</Р></Чек>";
        assertThat(value(list, "client_id=Св[Имя='ym'].З")).isEqualTo("2");
        assertThat(value(list, "client_id=Св[Имя='нет'].З")).isNull();
        assertThat(value(list, "client_id=Р[Код='c']")).as("one alone").isEqualTo("3");
        assertThat(value("<Чек><С><К t='1'>a</К><З>4</З></С></Чек>", "client_id=С[К='a'].З"))
                .as("an element with attributes")
                .isEqualTo("4");
    }

    @Test
    void eachElementOfTheNameIsARowWithItsLine() throws IOException {
        var rows = rows("<Чеки>\n<Чек А='1'/><День>\n<Чек А='2'><Чек А='3'/></Чек></День></Чеки>", "client_id=А");
        assertThat(rows).extracting(SourceRow::line).containsExactly(2L, 3L);
        assertThat(rows)
                .extracting(row -> (Object) row.fields().get("client_id"))
                .containsExactly("1", "2");
        assertThat(rows("<Чеки/>", "client_id=А")).isEmpty();
        assertThat(rows("<Чек>1</Чек>", "client_id=А").get(0).source()).containsExactly("{\"\":\"1\"}");
    }

    @Test
    void whatIsNoSuchXmlIsToldAsThat() {
        assertThat(fault("<!DOCTYPE Чек [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><Чек><x>&x;</x></Чек>"))
                .contains("DOCTYPE");
        assertThat(fault("<Чек><x>&x;</x></Чек>")).contains("XML");
        assertThat(fault("<Чек><x></Чек>")).contains("not XML to its end");
        assertThat(fault("<Чек/><Чек/>")).contains("not XML to its end");
        assertThat(fault("no XML")).contains("not XML to its end");
        assertThat(fault("<Orders><Order/></Orders>"))
                .contains("no element 'Чек'")
                .contains("Orders, Order");
        assertThat(fault("<a>".repeat(101))).contains("more than 100 deep");
        assertThat(fault("<Чек>" + "<a>".repeat(100))).contains("more than 100 deep");
        assertThat(fault("<Чек>" + "<a b='c'/>".repeat(200_000) + "</Чек>")).contains("a million characters");
        assertThat(fault("<Ч><a x='" + "x".repeat(2_000_000) + "'/></Ч>")).contains("a million characters");
        assertThatThrownBy(() -> new XmlRows(new StringReader("<a/>"), "", new Columns(""), TextEncoding.UTF_8))
                .hasMessageContaining("rows=");
    }

    /** No more of it is asked for than there is in a few rows at a time. */
    @Test
    void aLargeFileIsReadAsAStream() throws IOException {
        var row = "<Чек x='1'><а>%s &amp; &lt;</а></Чек>".formatted("б".repeat(500));
        var given = new int[1];
        var endless = new Reader() {
            private String rest = "<Чеки>";

            @Override
            public int read(char[] buffer, int offset, int length) {
                if (rest.isEmpty() && given[0] <= 100_000) {
                    rest = given[0]++ < 100_000 ? row : "</Чеки>";
                }
                var count = Math.min(length, rest.length());
                rest.getChars(0, count, buffer, offset);
                rest = rest.substring(count);
                return count == 0 ? -1 : count;
            }

            @Override
            public void close() {
                given[0] = -1;
            }
        };
        try (var rows = new XmlRows(endless, "Чек", new Columns("client_id=x"), TextEncoding.UTF_8)) {
            var count = 0;
            for (; rows.hasNext(); rows.next()) {
                count++;
                assertThat(given[0] - count).isLessThan(100);
            }
            assertThat(count).isEqualTo(100_000);
        }
        assertThat(given[0]).as("closed").isEqualTo(-1);
    }

    private static final String EXPORT = "<x:e xmlns:x='u' день='01.07.2025'><h><z>+05:00</z><s к='7'>Омск</s>"
            + "<p n='a'>1</p><p n='b'>2</p></h><l v='3'><Чек t='12:34'/></l></x:e>";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "target=/e/h/s|Омск",
                "target=/E/h.s|Омск",
                "target=/e/h/s/@к|7",
                "target=/e/h/s('Омск'='omsk')|omsk",
                "target=/e/l/v|3",
                "target=/e/h/p.1|2",
                "target=/e/h/p[n='b']|2",
                "target=/e/h/p[n='b'].n|b",
                "target=/e/l/v[='3']|3",
                "target=/e/h/нет|'нет'|нет",
                "price=/e/h/s/к*100|700",
                "date_time=/e/день+' '+t+' '+/e/h/z|2025-07-01T12:34:00+05:00"
            })
    void aPathFromTheRootIsAValueOutsideOfTheRow(String columns, String expected) throws IOException {
        var given = columns.contains("нет") ? "target=/e/h/нет|'нет'" : columns;
        assertThat(value(EXPORT, given)).hasToString(columns.contains("нет") ? "нет" : expected);
    }

    @Test
    void whatIsNotThereOrMeansTwoThingsRefusesTheRow() throws IOException {
        for (var columns : List.of(
                "date_time=/e/день+' '+t+' '+/e/h/zone",
                "date_time=/e/h/zone",
                "date_time=/e/l/Чек/t",
                "date_time=/other/h/z",
                "date_time=/e/h/p[n='c']")) {
            assertThat(((InvalidValue) value(EXPORT, columns)).message())
                    .contains(columns.replaceFirst(".*[=+]/", "/") + " is empty or not there")
                    .contains("before the first of the rows");
        }
        assertThat(((InvalidValue) value(EXPORT, "target=/e/h/p")).message()).contains("given twice");
        assertThat(value(EXPORT, "user_id=/e/h/zone unless client_id")).isNull();
        for (var wrong : List.of("target=//z", "target=/", "target=/e/", "target=/e//z", "target='a'+//z")) {
            assertThat(Columns.fault(wrong)).contains("/export/head/zone");
        }
    }

    @Test
    void ofElementsThatAreAroundRowsEachRowSeesItsOwn() throws IOException {
        var shops =
                "<s><d>1</d><m z='0'/><m z='3'><Чек/><Чек/></m>\n" + "<m><z>5</z><Чек/></m><m z='6'/><m><Чек/></m></s>";
        var rows = rows(shops, "target=/s/m/z, purchase_id=/s/d");
        assertThat(rows.subList(0, 3))
                .extracting(
                        row -> row.fields().get("target") + " " + row.fields().get("purchase_id"))
                .containsExactly("3 1", "3 1", "5 1");
        assertThat(((InvalidValue) rows.get(3).fields().get("target")).message())
                .contains("/s/m/z is empty or not there");
    }

    @Test
    void whatComesTooLateFailsTheFile() {
        for (var late : List.of(
                "<e><l><Чек/></l>\n<h><z>5</z></h></e>",
                "<e><h z='4'/><Чек/>\n<h z='5'/></e>",
                "<e><h><Чек/>\n<z>5</z></h></e>")) {
            assertThatThrownBy(() -> rows(late, "target=/e/h/z"))
                    .isInstanceOf(BrokenFileException.class)
                    .hasMessageContaining("behind the first row")
                    .hasMessageContaining("/e/h")
                    .extracting(e -> ((BrokenFileException) e).line())
                    .isEqualTo(2L);
        }
        assertThatThrownBy(() -> rows("<e>" + "<z>55555</z>".repeat(5000) + "<Чек/></e>", "target=/e/z"))
                .hasMessageContaining("more than 65536 characters");
    }

    @Test
    void aHeadOfOtherThingsIsNotKept() throws IOException {
        var other = "<a>%s</a> \n".formatted("x".repeat(100)).repeat(2000);
        var rows = rows("<e>%s<h>%1$s<z>5</z></h>%1$s<Чек n='1'/></e>".formatted(other), "target=/e/h/z");
        assertThat(rows.get(0).source()).containsExactly("{\"n\":\"1\",\"/e\":{\"h\":{\"z\":\"5\"}}}");
    }

    private String file(byte[] content, String columns, Map<String, String> place) throws IOException {
        var path = Files.write(directory.resolve("content"), content);
        var rows = new FileRows("a.XML", path.toFile(), new Columns(columns, place), null, " Чек ", CsvFrame.NONE);
        var hash = rows.examine();
        try (var all = rows.open()) {
            var row = all.next();
            return row.fault() != null ? row.fault() : hash + " " + row.fields().get("target");
        }
    }

    private String file(byte[] content) throws IOException {
        try {
            return file(content, "target=Тип", Map.of()).replaceFirst(".* ", "");
        } catch (BrokenFileException e) {
            return e.getMessage();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"windows-1251", "UTF-8", "koi8-r", "UTF-16"})
    void theEncodingIsTheOneThatItNames(String charset) throws IOException {
        var text = RECEIPT.replace("windows-1251", charset).strip();
        assertThat(file(text.getBytes(Charset.forName(charset)))).isEqualTo("Продажа");
    }

    @Test
    void bytesThatAreNoLettersThereFailTheFile() throws IOException {
        var text = "<?xml version='1.0' encoding='%s'?><Чек><Тип>Тест</Тип></Чек>";
        assertThat(file(text.formatted("utf-8").getBytes("windows-1251"))).contains("not text in UTF-8");
        assertThat(file(text.formatted("x-none").getBytes(StandardCharsets.UTF_8)))
                .contains("x-none");
        assertThat(file(("\ufeff" + text.formatted("windows-1251")).getBytes(StandardCharsets.UTF_8)))
                .as("a byte order mark wins")
                .isEqualTo("Тест");
    }

    @Test
    void theFilesPlaceIsOfItsKeyWhereColumnsUseIt() throws IOException {
        var xml = "<Чек><Тип>a</Тип></Чек>".getBytes(StandardCharsets.UTF_8);
        var one = Map.of("file.folder", "1", "file.name", "a");
        var other = Map.of("file.folder", "2", "file.name", "a");
        assertThat(file(xml, "target=Тип", one)).isEqualTo(file(xml, "target=Тип", other));
        assertThat(file(xml, "target=file.folder", one))
                .endsWith(" 1")
                .isNotEqualTo(file(xml, "target=file.folder", other).replaceFirst("2$", "1"));
        assertThat(file(xml, "target=file.folder+'-'+file.name", other)).endsWith(" 2-a");
        assertThat(file(xml, "target=file.folder", Map.of("file.folder", ""))).endsWith(" null");
        var own = "<Чек><file><folder>9</folder></file></Чек>".getBytes(StandardCharsets.UTF_8);
        assertThat(file(own, "target=file.folder", one))
                .as("its own comes first")
                .endsWith(" 9");
    }

    @Test
    void aTableHasItsPlaceToo() throws IOException {
        var columns = new Columns(
                "client_id=c, target=file.name, purchase_id=file.folder+'-'+n, date_time='now'",
                Map.of("file.folder", "5", "file.name", "sales"));
        try (var rows = new CsvRows(new StringReader("c,n\n1,2\n"), columns, TextEncoding.UTF_8)) {
            assertThat(rows.next().fields().get("target")).isEqualTo("sales");
        }
        assertThatThrownBy(() ->
                        new CsvRows(new StringReader("c\n1\n"), new Columns("client_id=file.name"), TextEncoding.UTF_8))
                .hasMessageContaining("file.name");
    }

    /** The file of refused rows is put back as it is. */
    @Test
    void refusedRowsAreReadAgainAsTheyWere() throws IOException {
        var columns = "client_id=Метка.ymid, price=Сумма, currency=Сумма.Валюта, target=Тип, date_time=Номер,"
                + " purchase_id=Позиции.Позиция.0.Цена";
        var first = rows(RECEIPT, columns).get(0);
        assertThat(first.source()).hasSize(1);
        var errors = "line,field,reason,element\n1,,x,\"%s\"\n"
                .formatted(first.source().get(0).replace("\"", "\"\""));
        try (var again = new CsvRows(new StringReader(errors), new Columns(columns), TextEncoding.UTF_8)) {
            var row = again.next();
            assertThat(row.fault()).isNull();
            assertThat(row.fields().toString()).isEqualTo(first.fields().toString());
            assertThat(row.fields().get("purchase_id")).isEqualTo("100,00");
        }
    }

    @Test
    void refusedRowsKeepWhatStandsOutsideOfThem() throws IOException {
        var columns = "client_id=t, target=/e/h/p[n='b'], date_time=/e/день+' '+t+' '+/e/h/z, price=/e/h/p.0";
        var first = rows(EXPORT, columns).get(0);
        var errors = "line,field,reason,element\n1,,x,\"%s\"\n"
                .formatted(first.source().get(0).replace("\"", "\"\""));
        try (var again = new CsvRows(new StringReader(errors), new Columns(columns), TextEncoding.UTF_8)) {
            var fields = again.next().fields();
            assertThat(fields).hasToString(first.fields().toString());
            assertThat((Object) fields.get("target")).isEqualTo("2");
        }
    }
}
