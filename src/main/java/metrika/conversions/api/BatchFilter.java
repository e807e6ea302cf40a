package metrika.conversions.api;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.regex.Pattern;

import metrika.conversions.problem.FieldErrors;

/** What lists and retries of batches can be narrowed to, as somebody writes it. */
public final class BatchFilter {

    private static final Pattern DAY = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    /** An id of our own, or a name of Metrika's: no text of a person. */
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_.-]{1,100}");

    private static final int LAST_YEAR = 9999;

    private BatchFilter() {}

    /** The code of an error; {@code null} where none is given, or what is given can be none, which is noted. */
    public static String code(String given, FieldErrors errors) {
        if (given == null || CODE.matcher(given).matches()) {
            return given;
        }
        errors.add(
                "code",
                "invalid",
                "code is '%s': the code of an error, such as invalid_uploading, is expected"
                        .formatted(FieldErrors.quoted(given)));
        return null;
    }

    /**
     * A moment: a time, which is of UTC unless it says another offset, or a day of UTC.
     *
     * @param field its name, for messages
     * @param isEnd whether it ends a span: then a day means the end of it
     * @return as PostgreSQL takes it; {@code null} where none is given, or what is given is none, which is noted
     */
    public static String moment(String field, String given, boolean isEnd, FieldErrors errors) {
        if (given == null) {
            return null;
        }
        try {
            var moment = moment(given.strip(), isEnd);
            var year = moment.atOffset(ZoneOffset.UTC).getYear();
            if (year >= 1970 && year <= LAST_YEAR) {
                return moment.toString();
            }
        } catch (DateTimeException e) {
            // it is noted below, whatever is wrong with it
        }
        errors.add(
                field,
                "invalid_date_time",
                "%s is '%s': a day such as 2025-07-01 or a time such as 2025-07-01T12:34:56+03:00 is expected"
                        .formatted(field, FieldErrors.quoted(given)));
        return null;
    }

    private static Instant moment(String given, boolean isEnd) {
        if (DAY.matcher(given).matches()) {
            return LocalDate.parse(given)
                    .plusDays(isEnd ? 1 : 0)
                    .atStartOfDay(ZoneOffset.UTC)
                    .toInstant();
        }
        var time = given.replace(' ', 'T');
        return time.matches(".*T.*([Zz]|[+-][0-9]{2}:?[0-9]{2})")
                ? OffsetDateTime.parse(time).toInstant()
                : LocalDateTime.parse(time).toInstant(ZoneOffset.UTC);
    }
}
