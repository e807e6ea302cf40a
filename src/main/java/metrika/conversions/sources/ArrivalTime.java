package metrika.conversions.sources;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * The time at which a request came that says none itself. To the rules it is a time as any other. Where two requests
 * are held against each other it is the same each time: so the one that is repeated is known again.
 */
final class ArrivalTime implements CharSequence {

    private final String text;

    ArrivalTime(Instant now) {
        text = now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    @JsonValue
    String name() {
        return "now";
    }

    @Override
    public String toString() {
        return text;
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public char charAt(int index) {
        return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.subSequence(start, end);
    }
}
