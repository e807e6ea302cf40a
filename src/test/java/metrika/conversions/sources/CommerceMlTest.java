package metrika.conversions.sources;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CommerceMlTest {

    private static final List<String> OPERATIONS = List.of("заказ товара", "розничная продажа");
    private static final List<String> CANCELLED =
            List.of("отмен", "аннулир", "удал", "возвра", "отказ", "cancel", "return", "refund");

    private static String verdict(String document) {
        var xml = Xml.parse(("<Документ" + document + "</Документ>").getBytes(StandardCharsets.UTF_8), null, null);
        return CommerceMl.noPurchase(xml.getDocumentElement(), OPERATIONS, CANCELLED);
    }

    private static String property(String name, String value) {
        return ("><ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>%s</Наименование><Значение>%s</Значение>"
                        + "</ЗначениеРеквизита></ЗначенияРеквизитов>")
                .formatted(name, value);
    }

    @ParameterizedTest
    @CsvSource({
        "Отменен, true",
        "Отменён, True",
        "отменен, 1",
        "Заказ отменен, да",
        "Пометка удаления, Истина",
        "ПометкаУдаления, true",
        "Удален, Y",
        "Проведен, false",
        "Проведён, Нет",
        "Статус заказа, Отменен",
        "Статус, Заказ отменён",
        "СтатусЗаказа, [C] Отменён покупателем",
        "Состояние, Аннулирован",
        "Статус документа, Удалён",
        "Статус, Возврат",
        "Статус, Частичный возврат",
        "Status, Cancelled",
        "Статус, Отказ клиента",
        "Возврат, true"
    })
    void aDocumentThatSaysSoIsNoPurchase(String name, String value) {
        assertThat(verdict(property(name, value))).isEqualTo("its %s is '%s'", name, value);
        var element = name.replace(" ", "");
        assertThat(verdict("><%1$s>\n %2$s</%1$s>".formatted(element, value)))
                .isEqualTo("its %s is '%s'", element, value);
        assertThat(verdict(" %s='%s'>".formatted(element, value))).isEqualTo("its %s is '%s'", element, value);
    }

    @ParameterizedTest
    @CsvSource({
        "Отменен, false",
        "Отменен, ''",
        "Отменен, Нет",
        "ПометкаУдаления, 0",
        "Проведен, true",
        "Проведен, ''",
        "Статус заказа, Выполнен",
        "Статус, Не отменён",
        "Статус, Без возврата",
        "Финальный статус, true",
        "Статус заказа, [F] Доставлен",
        "Комментарий, Отменен",
        "Возврат разрешен, true",
        "Причина отмены, ''"
    })
    void otherwiseItIsOne(String name, String value) {
        assertThat(verdict(property(name, value))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Заказ товара", "заказ  товара", " Розничная продажа\n", ""})
    void anOperationThatCountsIsAPurchase(String operation) {
        assertThat(verdict("><ХозОперация>" + operation + "</ХозОперация>")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Отпуск товара", "Возврат товара", "Заказ товара у поставщика", "Прочие"})
    void anotherOneIsNot(String operation) {
        assertThat(verdict("><ХозОперация>" + operation + "</ХозОперация>")).contains("ХозОперация", operation);
    }

    /** What is said of the goods is not said of the order. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "><Товары><Товар><Статус>Удален</Статус></Товар></Товары>",
                "><Товары><Товар><ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Отменен</Наименование>"
                        + "<Значение>true</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Товар></Товары>"
            })
    void goodsAreNotTheOrder(String goods) {
        assertThat(verdict(goods)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-25, 15:14:56, 2026-11-25T15:14:56",
        "25.11.2026, 15:14:56, 2026-11-25T15:14:56",
        "5.1.2026, 9:05, 2026-01-05T09:05:00",
        "20261125, 151456, 2026-11-25T15:14:56",
        "2026/11/25, 15:14, 2026-11-25T15:14:00",
        "20261125151456, '', 2026-11-25T15:14:56",
        "2026-11-25T15:14:56, '', 2026-11-25T15:14:56",
        "2026-11-25 15:14:56, '', 2026-11-25T15:14:56",
        "25.11.2026 0:46:38, 0:46:38, 2026-11-25T00:46:38",
        "25.11.2026 15:14:56, 15:14:56, 2026-11-25T15:14:56",
        "2026-11-25T00:00:00, 15:14:56, 2026-11-25T15:14:56",
        "2026-11-25T00:00:00, 0001-01-01T15:14:56, 2026-11-25T15:14:56",
        "25.11.2026 0:00:00, 25.11.2026 15:14:56, 2026-11-25T15:14:56",
        "2026-11-25T00:00:00, '', 2026-11-25T00:00:00",
        "'25.11.2026, 15:14', '', 2026-11-25T15:14:00",
        "2026-11-25T15:14:56.789, '', 2026-11-25T15:14:56",
        "2026-11-25T15:14:56+03:00, '', 2026-11-25T15:14:56+03:00",
        "2026-11-25T12:14:56Z, '', 2026-11-25T12:14:56Z",
        "2026-11-25, 15:14:56+0300, 2026-11-25T15:14:56+0300",
        "2026-11-25, 00:00:00, 2026-11-25T00:00:00",
        // What is none comes back as it is
        "2026-13-25, 15:14:56, 2026-13-25 15:14:56",
        "2026-11-25, 25:00, 2026-11-25 25:00",
        "2026-11-25, soon, 2026-11-25 soon",
        "11/25/2026, 15:14, 11/25/2026",
        "'', 15:14, ''"
    })
    void aDateAndATimeAreOneMoment(String date, String time, String moment) {
        assertThat(CommerceMl.dateTime(date, time)).isEqualTo(moment);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-25, '', there is no Время",
        "25.11.2026, '', there is no Время",
        "25.11.2026 10:00:00, 15:14:56, two times",
        "2026-11-25T10:00:00, 2026-11-25T15:14:56, two times"
    })
    void aMomentThatIsNotSureIsRefused(String date, String time, String reason) {
        assertThatThrownBy(() -> CommerceMl.dateTime(date, time))
                .hasMessageContaining(date)
                .hasMessageContaining(reason);
    }
}
