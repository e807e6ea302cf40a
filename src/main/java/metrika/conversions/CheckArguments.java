package metrika.conversions;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@code check} is asked for: {@code check [ROUTE [FILE]]} or {@code check --tests [--accept] [--junit FILE]
 * [ROUTE]}.
 *
 * @param route the file of one route, {@code null} for all
 * @param sample what to try the route on, or {@code null}
 * @param isTests whether the tests beside the connectors are to be run
 * @param isAccepting whether what comes out is to be written down as what is expected
 * @param report the file for the results of tests
 */
record CheckArguments(String route, String sample, boolean isTests, boolean isAccepting, String report) {

    private static final String REPORT = "check-tests.xml";
    private static final String EXPECTED =
            "check [ROUTE [FILE]] or check --tests [--accept] [--junit FILE] [ROUTE] is expected";

    /**
     * @param arguments those after the word {@code check}
     * @throws IllegalArgumentException that says what is wrong, and what is expected
     */
    static CheckArguments of(List<String> arguments) {
        var files = new ArrayList<String>();
        var isTests = false;
        var isAccepting = false;
        String report = null;
        for (int i = 0; i < arguments.size(); i++) {
            switch (arguments.get(i)) {
                case "--tests" -> isTests = true;
                case "--accept" -> isAccepting = true;
                case "--junit" -> {
                    i++;
                    if (i == arguments.size()) {
                        throw new IllegalArgumentException("--junit names no file: " + EXPECTED);
                    }
                    report = arguments.get(i);
                }
                default -> {
                    if (arguments.get(i).startsWith("--")) {
                        throw new IllegalArgumentException(
                                "check has no option %s: %s".formatted(arguments.get(i), EXPECTED));
                    }
                    files.add(arguments.get(i));
                }
            }
        }
        if (files.size() > (isTests ? 1 : 2)) {
            throw new IllegalArgumentException("check takes %s at most: %s"
                    .formatted(isTests ? "one route file with --tests" : "a route file and a sample", EXPECTED));
        }
        if (!isTests && (isAccepting || report != null)) {
            throw new IllegalArgumentException("--accept and --junit go with --tests: " + EXPECTED);
        }
        return new CheckArguments(
                files.isEmpty() ? null : files.get(0),
                files.size() < 2 ? null : files.get(1),
                isTests,
                isAccepting,
                report == null ? REPORT : report);
    }
}
