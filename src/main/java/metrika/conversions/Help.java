package metrika.conversions;

import java.util.List;
import java.util.Set;

/** What the command line answers without looking at a folder or a setting. */
final class Help {

    private static final Set<String> HELP = Set.of("--help", "-h", "-?", "help");
    private static final Set<String> VERSION = Set.of("--version", "-V", "-v", "version");

    private static final String TEXT = """
        metrika-conversions takes offline conversions from CRMs, ERPs and tills and delivers them to Yandex Metrika.

        java -jar metrika-conversions.jar                        run, beside application.properties and routes/
        java -jar metrika-conversions.jar check [ROUTE [FILE]]   check routes; with a file try a connector on it
        java -jar metrika-conversions.jar check --tests          run connectors' own tests (--accept, --junit FILE)
        java -jar metrika-conversions.jar re-encrypt             encrypt what is stored with the first encryption.key
        java -jar metrika-conversions.jar simulator              run the simulator of Metrika alone
        java -jar metrika-conversions.jar --help | --version     say this, or which version this is

        Exit codes: 0 done, 1 not started or not all is done, 2 wrong arguments, 143 ended by SIGTERM; of check also 3,
        a route has faults, and 4, the file has. Settings are lines in application.properties or environment variables.
        README.md tells the rest.
        """;

    private Help() {}

    /** The answer to a question about the program itself; {@code null} when there is something to be done instead. */
    static String answer(List<String> arguments) {
        if (arguments.stream().anyMatch(argument -> argument.startsWith("-") && HELP.contains(argument))
                || !arguments.isEmpty() && HELP.contains(arguments.get(0))) {
            return TEXT;
        }
        return !arguments.isEmpty() && VERSION.contains(arguments.get(0))
                ? "metrika-conversions %s, Java %s%n".formatted(version(), System.getProperty("java.version"))
                : null;
    }

    /** What is wrong with arguments, or {@code null}. */
    static String usageError(List<String> arguments) {
        var command = arguments.isEmpty() ? "" : arguments.get(0);
        return switch (command) {
            case "" -> arguments.isEmpty() ? null : unknown(command);
            case "simulator", "re-encrypt" ->
                arguments.size() == 1
                        ? null
                        : "%s takes no arguments, and got %s. --help lists the commands%n"
                                .formatted(command, String.join(" ", arguments.subList(1, arguments.size())));
            case "check" -> complaintAboutCheck(arguments.subList(1, arguments.size()));
            default -> unknown(command);
        };
    }

    private static String complaintAboutCheck(List<String> arguments) {
        try {
            CheckArguments.of(arguments);
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage() + System.lineSeparator();
        }
    }

    private static String unknown(String command) {
        return ("There is no command '%s'. There are check, re-encrypt and simulator; without one the product"
                                + " runs; --help says ")
                        .formatted(command)
                + "more" + System.lineSeparator();
    }

    /** The version of the jar; where there is none, that of a developer's own classes. */
    static String version() {
        var version = Help.class.getPackage().getImplementationVersion();
        return version == null ? "of the working tree" : version;
    }
}
