package metrika.conversions.intake;

/** What was given for a field of a conversion. */
enum ValueKind {
    TEXT,
    NUMBER,
    BOOLEAN,
    NULL,
    STRUCTURE
}
