package metrika.conversions.intake;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import metrika.conversions.database.ArrayValues;
import metrika.conversions.database.ArrayValues.Type;

import static metrika.conversions.intake.ConversionField.Identifies.NOBODY;
import static metrika.conversions.intake.ConversionField.Identifies.PERSON;
import static metrika.conversions.intake.ConversionField.Identifies.VISITOR;

/**
 * The one list of what a conversion consists of, in the order of the file that Metrika gets. A field has the same name
 * in the API, in the columns of sources and in the table {@code conversion}. What the list does not drive, the
 * statements in {@code routes/sql}, {@code openapi.yaml} and the simulator, a test holds to it.
 */
public enum ConversionField {
    CLIENT_ID("ClientId", VISITOR, Type.TEXT),
    USER_ID("UserId", VISITOR, Type.TEXT),
    YCLID("Yclid", VISITOR, Type.TEXT),
    PURCHASE_ID("PurchaseId", PERSON, Type.TEXT),
    TARGET("Target", NOBODY, Type.TEXT),
    /** Unix seconds. */
    DATE_TIME("DateTime", NOBODY, Type.INT8),
    PRICE("Price", NOBODY, Type.NUMERIC),
    CURRENCY("Currency", NOBODY, Type.TEXT);

    /** Whom a field's value tells of. */
    enum Identifies {
        /** The visitor, whom Metrika finds by it; so it tells of a person too. */
        VISITOR,
        /** A person, to us: by it conversions are erased. */
        PERSON,
        NOBODY
    }

    private static final Map<String, ConversionField> BY_NAME = Arrays.stream(values())
            .collect(Collectors.toUnmodifiableMap(ConversionField::toString, Function.identity()));
    private static final List<String> NAMES =
            Arrays.stream(values()).map(ConversionField::toString).toList();
    private static final List<String> HEADER =
            Arrays.stream(values()).map(ConversionField::header).toList();
    private static final List<String> OF_VISITORS = Arrays.stream(values())
            .filter(ConversionField::findsVisitor)
            .map(ConversionField::toString)
            .toList();
    private static final List<String> OF_PERSONS = Arrays.stream(values())
            .filter(ConversionField::identifiesPerson)
            .map(ConversionField::toString)
            .toList();

    private final String name = name().toLowerCase(Locale.ROOT);
    private final String header;
    private final Identifies identifies;
    private final Type type;

    ConversionField(String header, Identifies identifies, Type type) {
        this.header = header;
        this.identifies = identifies;
        this.type = type;
    }

    /** The field of a name, or {@code null}. */
    static ConversionField named(String name) {
        return BY_NAME.get(name);
    }

    /** The names of all fields. */
    public static List<String> names() {
        return NAMES;
    }

    /** The names of the columns of Metrika's file. */
    public static List<String> headers() {
        return HEADER;
    }

    /** The names of the fields by which Metrika finds a visitor. */
    public static List<String> namesOfVisitors() {
        return OF_VISITORS;
    }

    /** The names of the fields by which a person can be known, and is erased. */
    public static List<String> namesOfPersons() {
        return OF_PERSONS;
    }

    /** Its column in Metrika's file. */
    public String header() {
        return header;
    }

    /** Whether Metrika finds the visitor by it. */
    boolean findsVisitor() {
        return identifies == VISITOR;
    }

    /** Whether a person can be known by it. */
    boolean identifiesPerson() {
        return identifies != NOBODY;
    }

    /** The type of its column in the database. */
    Type type() {
        return type;
    }

    /** A place for its values, of its column's type in the database; for so many of them, more or less. */
    ArrayValues column(int expected) {
        return new ArrayValues(type, expected);
    }

    /** A number for it in a set of fields. */
    int bit() {
        return 1 << ordinal();
    }

    /** Its name in the API and in the database. */
    @Override
    public String toString() {
        return name;
    }
}
