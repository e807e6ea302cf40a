package metrika.conversions.check;

import java.nio.file.Path;

/**
 * Something wrong with a route file.
 *
 * @param line from 1; 0 when it is about the file as a whole
 */
public record Finding(Path file, int line, String message) {

    @Override
    public String toString() {
        return line == 0 ? "%s: %s".formatted(file, message) : "%s, line %d: %s".formatted(file, line, message);
    }
}
