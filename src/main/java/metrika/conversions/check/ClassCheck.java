package metrika.conversions.check;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Whether the classes that a route names are there: Camel asks for those of failures at the start of the route. */
final class ClassCheck {

    private static final Pattern NAMED =
            Pattern.compile(".*/(doCatch/(\\d+/)?|onException/)exception(/\\d+)?|.*/(exceptionType|beanType)");
    /** Those that people name. */
    private static final List<String> KNOWN = List.of(
            "java.lang.Exception",
            "java.lang.Throwable",
            "java.lang.RuntimeException",
            "java.lang.IllegalArgumentException",
            "java.lang.IllegalStateException",
            "java.io.IOException",
            "java.net.ConnectException",
            "java.net.SocketTimeoutException",
            "java.sql.SQLException",
            "org.apache.camel.CamelExecutionException",
            "org.apache.camel.http.base.HttpOperationFailedException",
            "metrika.conversions.problem.ProblemException");

    private ClassCheck() {}

    /** What is wrong with a class that is named, if it is one. */
    static Optional<String> fault(YamlFile.Scalar scalar) {
        var name = scalar.text();
        if (!NAMED.matcher(scalar.pointer()).matches() || name.contains("{{")) {
            return Optional.empty();
        }
        try {
            Class.forName(name, false, Thread.currentThread().getContextClassLoader()); // ext/ too
            return Optional.empty();
        } catch (ClassNotFoundException | LinkageError e) {
            return Optional.of("there is no class %s%s".formatted(name, NearMiss.question(name, KNOWN)));
        }
    }
}
