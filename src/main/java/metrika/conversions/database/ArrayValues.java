package metrika.conversions.database;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

import org.postgresql.PGConnection;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PreferQueryMode;
import org.postgresql.util.ByteConverter;
import org.postgresql.util.PGBinaryObject;
import org.postgresql.util.PGobject;

/**
 * The values of an array that a statement is given, one after the other in PostgreSQL's own binary form. What waits to
 * be written is some arrays of bytes this way, however many values it has: objects for each of them would have the
 * garbage collector follow and copy them all the while, and the driver turn each into bytes at last.
 *
 * <p>The form is that of PostgreSQL's {@code array_recv}: of each value its length in four bytes and its own form, or
 * the length -1 for null.
 */
public final class ArrayValues {

    private static final int NULL = -1;
    private static final int LENGTH_BYTES = 4;
    /** Of a value and its length: an identifier, a price or a time. */
    private static final int USUAL_BYTES = 20;

    private static final int UUID_BYTES = 16;
    private static final int ASCII_END = 0x80;

    /** What an array is of. */
    public enum Type {
        TEXT("_text", Oid.TEXT),
        UUID("_uuid", Oid.UUID),
        INT4("_int4", Oid.INT4),
        INT8("_int8", Oid.INT8),
        NUMERIC("_numeric", Oid.NUMERIC),
        BYTEA("_bytea", Oid.BYTEA);

        private final String array;
        private final int element;

        Type(String array, int element) {
            this.array = array;
            this.element = element;
        }
    }

    private final Type type;
    private byte[] bytes;
    private int length;
    private int size;
    private boolean hasNull;

    /** @param expected how many values there are going to be, more or less */
    public ArrayValues(Type type, int expected) {
        this.type = type;
        bytes = new byte[Math.max(1, expected) * USUAL_BYTES];
    }

    /** How many values there are. */
    public int size() {
        return size;
    }

    /**
     * Adds a value.
     *
     * @param value a {@link String}, {@link UUID}, {@link Integer}, {@link Long}, {@link BigDecimal} or {@code byte[]},
     *     as the type is; or {@code null}
     */
    public void add(Object value) {
        if (value == null) {
            hasNull = true;
            begin(NULL, 0);
            return;
        }
        switch (type) {
            case TEXT -> addText((String) value);
            case UUID -> addUuid((UUID) value);
            case INT4 -> addInt((Integer) value);
            case INT8 -> addLong((Long) value);
            case NUMERIC -> addBytes(ByteConverter.numeric((BigDecimal) value));
            case BYTEA -> addBytes((byte[]) value);
        }
    }

    /** Adds an {@link Integer}. */
    public void addInt(int value) {
        begin(Integer.BYTES, Integer.BYTES);
        ByteConverter.int4(bytes, length, value);
        length += Integer.BYTES;
    }

    private void addLong(long value) {
        begin(Long.BYTES, Long.BYTES);
        ByteConverter.int8(bytes, length, value);
        length += Long.BYTES;
    }

    private void addUuid(UUID value) {
        begin(UUID_BYTES, UUID_BYTES);
        ByteConverter.int8(bytes, length, value.getMostSignificantBits());
        ByteConverter.int8(bytes, length + Long.BYTES, value.getLeastSignificantBits());
        length += UUID_BYTES;
    }

    private void addBytes(byte[] value) {
        begin(value.length, value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
    }

    /** Most texts are ASCII, whose characters are their bytes. */
    private void addText(String value) {
        var characters = value.length();
        begin(characters, characters);
        for (int i = 0; i < characters; i++) {
            var character = value.charAt(i);
            if (character >= ASCII_END) {
                size--;
                length -= LENGTH_BYTES;
                addBytes(value.getBytes(StandardCharsets.UTF_8));
                return;
            }
            bytes[length + i] = (byte) character;
        }
        length += characters;
    }

    private void begin(int valueLength, int room) {
        ensure(LENGTH_BYTES + room);
        ByteConverter.int4(bytes, length, valueLength);
        length += LENGTH_BYTES;
        size++;
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    /** Adds all values of another array of the same type. */
    public void addAll(ArrayValues other) {
        ensure(other.length);
        System.arraycopy(other.bytes, 0, bytes, length, other.length);
        length += other.length;
        size += other.size;
        hasNull |= other.hasNull;
    }

    /**
     * A value as it was added; {@code null} where that is what was. For few of them: all those before it are passed.
     */
    public Object get(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("%d of %d".formatted(index, size));
        }
        var at = 0;
        for (int i = 0; i < index; i++) {
            at += LENGTH_BYTES + Math.max(0, ByteConverter.int4(bytes, at));
        }
        return value(at);
    }

    private Object value(int at) {
        var valueLength = ByteConverter.int4(bytes, at);
        var from = at + LENGTH_BYTES;
        return valueLength == NULL
                ? null
                : switch (type) {
                    case TEXT -> new String(bytes, from, valueLength, StandardCharsets.UTF_8);
                    case UUID ->
                        new UUID(ByteConverter.int8(bytes, from), ByteConverter.int8(bytes, from + Long.BYTES));
                    case INT4 -> ByteConverter.int4(bytes, from);
                    case INT8 -> ByteConverter.int8(bytes, from);
                    case NUMERIC -> ByteConverter.numeric(bytes, from, valueLength);
                    case BYTEA -> Arrays.copyOfRange(bytes, from, from + valueLength);
                };
    }

    /** Sets them as a parameter of a statement. */
    public void setTo(PreparedStatement statement, int parameter) throws SQLException {
        var mode = statement.getConnection().unwrap(PGConnection.class).getPreferQueryMode();
        // Simple queries are text, into which the driver would put bytes as they are
        statement.setObject(parameter, mode == PreferQueryMode.SIMPLE ? new TextParameter() : new Parameter());
    }

    private class TextParameter extends PGobject {

        TextParameter() {
            type = ArrayValues.this.type.array;
        }

        @Override
        public String getValue() {
            var text = new StringBuilder("{");
            for (int at = 0, i = 0; i < size; i++) {
                var next = value(at);
                text.append(i == 0 ? "" : ",").append(next == null ? "NULL" : quoted(next));
                at += LENGTH_BYTES + Math.max(0, ByteConverter.int4(bytes, at));
            }
            return text.append('}').toString();
        }

        private static String quoted(Object value) {
            var text = value instanceof byte[] octets
                    ? "\\x" + HexFormat.of().formatHex(octets)
                    : value instanceof BigDecimal number ? number.toPlainString() : value.toString();
            return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }

        @Override
        public Object clone() {
            return this;
        }
    }

    /** Of which the driver takes the bytes, and the text where they are switched off (binaryTransfer). */
    private final class Parameter extends TextParameter implements PGBinaryObject {

        /** Dimensions, whether there are nulls, the type of the values, their number, and the index of the first. */
        private static final int HEAD_BYTES = 5 * Integer.BYTES;

        @Override
        public int lengthInBytes() {
            return HEAD_BYTES + length;
        }

        @Override
        public void toBytes(byte[] target, int offset) {
            ByteConverter.int4(target, offset, 1);
            ByteConverter.int4(target, offset + Integer.BYTES, hasNull ? 1 : 0);
            ByteConverter.int4(target, offset + 2 * Integer.BYTES, ArrayValues.this.type.element);
            ByteConverter.int4(target, offset + 3 * Integer.BYTES, size);
            ByteConverter.int4(target, offset + 4 * Integer.BYTES, 1);
            System.arraycopy(bytes, 0, target, offset + HEAD_BYTES, length);
        }

        @Override
        public void setByteValue(byte[] value, int offset) {
            throw new UnsupportedOperationException("it is given to statements only");
        }
    }
}
