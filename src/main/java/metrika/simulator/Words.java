package metrika.simulator;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Constants as people write them in settings and JSON: {@code REJECT_FILE} is {@code reject-file}. */
final class Words {
    private Words() {}

    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static <E extends Enum<E>> E parse(Class<E> type, String setting, String value) {
        for (E constant : type.getEnumConstants()) {
            if (of(constant).equals(value)) {
                return constant;
            }
        }
        throw unknown(
                setting,
                value,
                Arrays.stream(type.getEnumConstants()).map(Words::of).collect(Collectors.joining(", ")));
    }

    static IllegalArgumentException unknown(String setting, String value, String allowed) {
        return new IllegalArgumentException(setting + " is '" + value + "'; allowed: " + allowed);
    }
}
