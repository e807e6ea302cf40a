package metrika.conversions.database;

import java.math.BigDecimal;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.database.ArrayValues.Type;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** PostgreSQL reads each value as it was added, in whatever form the driver sends it. */
class ArrayValuesTest {

    private static final TestDatabase DATABASE = TestDatabase.empty();

    private static ArrayValues values(Type type, Object... values) {
        var array = new ArrayValues(type, values.length / 2);
        Arrays.asList(values).forEach(array::add);
        return array;
    }

    /** As PostgreSQL writes the values that it was given. */
    private static List<String> read(String binary, Type type, ArrayValues values) throws SQLException {
        var name = type.name().toLowerCase();
        try (var connection = DriverManager.getConnection(
                        DATABASE.url() + (DATABASE.url().contains("?") ? "&" : "?") + binary);
                var statement = connection.prepareStatement(
                        "select value::text from unnest(?::%s[]) with ordinality as v (value, place) order by place"
                                .formatted(name))) {
            values.setTo(statement, 1);
            var read = new ArrayList<String>();
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    read.add(rows.getString(1));
                }
            }
            return read;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "binaryTransferEnable=2951,1231",
                "binaryTransfer=true",
                "binaryTransfer=false",
                "preferQueryMode=simple"
            })
    void eachTypeIsReadAsItWasAdded(String mode) throws SQLException {
        var id = UUID.fromString("01a22e9c-b290-7b81-9e3f-7f58f1cc24c2");
        assertThat(read(mode, Type.UUID, values(Type.UUID, id, null, new UUID(-1, -1))))
                .containsExactly(id.toString(), null, "ffffffff-ffff-ffff-ffff-ffffffffffff");
        assertThat(read(mode, Type.INT4, values(Type.INT4, 0, -1, Integer.MAX_VALUE, null)))
                .containsExactly("0", "-1", "2147483647", null);
        assertThat(read(mode, Type.INT8, values(Type.INT8, 1762000000L, Long.MIN_VALUE)))
                .containsExactly("1762000000", "-9223372036854775808");
        assertThat(read(
                        mode,
                        Type.NUMERIC,
                        values(
                                Type.NUMERIC,
                                new BigDecimal("19.90"),
                                new BigDecimal("0"),
                                new BigDecimal("-0.0000000001"),
                                new BigDecimal("12345678901234567890.0123456789"),
                                new BigDecimal("1E+5"),
                                null)))
                .containsExactly("19.90", "0", "-0.0000000001", "12345678901234567890.0123456789", "100000", null);
        assertThat(read(mode, Type.BYTEA, values(Type.BYTEA, new byte[] {0, -1, 92, 34}, new byte[0], null)))
                .containsExactly("\\x00ff5c22", "\\x", null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binaryTransfer=true", "binaryTransfer=false"})
    void textsOfAllKinds(String mode) throws SQLException {
        var texts = new String[] {
            "",
            "a",
            "NULL",
            "null",
            "a,b",
            "{}",
            "\"quoted\"",
            "back\\slash",
            "Заказ № 1",
            "\uD83D\uDE00",
            "line\nbreak",
            " blanks ",
            "x".repeat(1000),
            "é" + "x".repeat(500),
            null
        };
        assertThat(read(mode, Type.TEXT, values(Type.TEXT, (Object[]) texts))).containsExactly(texts);
    }

    @ParameterizedTest
    @ValueSource(strings = {"binaryTransfer=true", "binaryTransfer=false"})
    void oneGoesIntoAnotherWhole(String mode) throws SQLException {
        var all = values(Type.TEXT, "first");
        all.addAll(values(Type.TEXT, "second", null));
        all.addAll(values(Type.TEXT));
        all.addAll(values(Type.TEXT, "last"));
        assertThat(all.size()).isEqualTo(4);
        assertThat(read(mode, Type.TEXT, all)).containsExactly("first", "second", null, "last");
        assertThat(read(mode, Type.TEXT, values(Type.TEXT))).isEmpty();
        assertThat(List.of(all.get(0), all.get(1), all.get(3))).containsExactly("first", "second", "last");
        assertThat(all.get(2)).isNull();
        assertThatThrownBy(() -> all.get(4)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"19.90", "0.00", "-5", "12345678901234567890.0123456789"})
    void aPriceKeepsItsScale(String price) {
        assertThat(values(Type.NUMERIC, new BigDecimal(price)).get(0)).hasToString(price);
    }
}
