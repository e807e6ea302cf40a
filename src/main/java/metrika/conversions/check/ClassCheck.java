package metrika.conversions.check;

import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

/** Whether the classes that a route names are there: Camel asks for those of failures at the start of the route. */
final class ClassCheck {

    private static final Pattern NAMED = Pattern.compile(
            ".*/(doCatch/(\\d+/)?|onException/)exception(/\\d+)?|.*/(exceptionType|beanType)|.*/beans/\\d+/type");
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

    private static final Pattern BEAN = Pattern.compile("(.*/beans/\\d+)/type");
    /** How a bean says that it is not made by a constructor of its class. */
    private static final List<String> OTHERWISE = List.of("script", "builderClass", "factoryBean", "factoryMethod");

    private static final Pattern THROWN = Pattern.compile("(.*/throwException)/exceptionType");

    private ClassCheck() {}

    /** What is wrong with a class that is named, if it is one. */
    static Optional<String> fault(YamlFile file, YamlFile.Scalar scalar) {
        var name = scalar.text().replaceFirst("^#class:", "");
        if (name.matches("#.*|.*\\(.*")) {
            return Optional.empty(); // of other kinds, or with arguments
        }
        if (!NAMED.matcher(scalar.pointer()).matches() || name.contains("{{")) {
            return Optional.empty();
        }
        try {
            var found = Class.forName(name, false, Thread.currentThread().getContextClassLoader()); // ext/ too
            var bean = BEAN.matcher(scalar.pointer());
            if (bean.matches()) {
                return ofBean(found, file.tree().at(bean.group(1)));
            }
            var thrown = THROWN.matcher(scalar.pointer());
            return thrown.matches()
                    ? ofThrown(
                            found,
                            file.tree().at(thrown.group(1)).path("message").isMissingNode())
                    : Optional.empty();
        } catch (ClassNotFoundException | LinkageError e) {
            return Optional.of("there is no class %s%s".formatted(name, NearMiss.question(name, KNOWN)));
        }
    }

    /** Camel makes a bean by the constructor that takes as many arguments as it is given. */
    private static Optional<String> ofBean(Class<?> type, JsonNode bean) {
        var given = bean.path("constructors").size();
        if (OTHERWISE.stream().anyMatch(bean::has)
                || !Modifier.isAbstract(type.getModifiers())
                        && Arrays.stream(type.getConstructors()).anyMatch(each -> each.getParameterCount() == given)) {
            return Optional.empty();
        }
        return Optional.of("the bean %s cannot be made: %s %s"
                .formatted(
                        bean.path("name").asText(),
                        type.getName(),
                        Modifier.isAbstract(type.getModifiers())
                                ? "is abstract"
                                : "has no public constructor "
                                        + (given == 0
                                                ? "without arguments; give them as constructors"
                                                : "with %d arguments (constructors)".formatted(given))));
    }

    /** Camel makes what {@code throwException} throws: of its message, or of nothing. */
    private static Optional<String> ofThrown(Class<?> thrown, boolean isSilent) {
        if (!Exception.class.isAssignableFrom(thrown)) {
            return Optional.of("%s is no exception: throwException cannot throw it".formatted(thrown.getName()));
        }
        var isMade = !Modifier.isAbstract(thrown.getModifiers())
                && Arrays.stream(thrown.getConstructors())
                        .map(each -> List.of(each.getParameterTypes()))
                        .anyMatch((isSilent ? List.of() : List.of(String.class))::equals);
        return isMade
                ? Optional.empty()
                : Optional.of(
                        ("throwException cannot make a %s: it has no constructor %s. To refuse a message, call the"
                                        + " bean httpSource, method refuse(403, 'why')")
                                .formatted(thrown.getName(), isSilent ? "without a text" : "with a text alone"));
    }
}
