package metrika.conversions.check;

import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.namespace.NamespaceContext;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;

import com.jayway.jsonpath.InvalidPathException;
import com.jayway.jsonpath.JsonPath;
import org.apache.camel.CamelContext;
import org.apache.camel.language.simple.types.SimpleParserException;

/** Whether the expressions of a route can be read: those in Simple, JSONPath and XPath. */
final class ExpressionCheck {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{[?!]*([^}:]*)[^}]*}}");
    private static final Pattern EXPRESSION = Pattern.compile(".*/(simple|jsonpath|xpath)(/expression)?");
    private static final Pattern PREDICATE =
            Pattern.compile(".*/(filter|when/\\d+|validate)/(expression/)?simple(/expression)?");

    private final UnaryOperator<String> values;
    private final CamelContext context;
    private final NestedFunctions nested;

    /** @param values of settings by their names, {@code null} for one that has none */
    ExpressionCheck(UnaryOperator<String> values, CamelContext context) {
        this.values = values;
        this.context = context;
        nested = new NestedFunctions(context);
    }

    /** Tells of each expression that cannot be read. */
    void check(YamlFile file, BiConsumer<YamlFile.Scalar, String> faults) {
        for (var scalar : file.scalars()) {
            var kind = EXPRESSION.matcher(scalar.pointer());
            if (kind.matches()) {
                var reason = reason(kind.group(1), scalar.pointer(), filled(scalar.text()));
                if (reason != null) {
                    faults.accept(scalar, "the expression '%s' cannot be read: %s".formatted(scalar.text(), reason));
                }
            }
        }
    }

    /** A text with the values of settings in place of their names. */
    String filled(String text) {
        return PLACEHOLDER.matcher(text).replaceAll(found -> {
            var value = values.apply(found.group(1));
            return Matcher.quoteReplacement(value == null ? "" : value);
        });
    }

    private String reason(String kind, String pointer, String text) {
        return switch (kind) {
            case "simple" -> simple(pointer, text);
            case "jsonpath" -> text.contains("${") ? null : jsonpath(text);
            default -> xpath(text);
        };
    }

    /** What Simple says; something else that is wrong, such as a bean of later, is no matter of it. */
    private String simple(String pointer, String text) {
        var simple = context.resolveLanguage("simple");
        try {
            if (PREDICATE.matcher(pointer).matches()) {
                simple.createPredicate(text).init(context);
            } else {
                simple.createExpression(text).init(context);
            }
        } catch (RuntimeException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause() == cause ? null : cause.getCause()) {
                if (cause instanceof SimpleParserException) {
                    return cause.getMessage().lines().findFirst().orElse("");
                }
            }
        }
        return nested.fault(text).orElse(null);
    }

    private static String jsonpath(String text) {
        try {
            JsonPath.compile(text);
            return null;
        } catch (InvalidPathException | IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    private static String xpath(String text) {
        var xpath = XPathFactory.newInstance().newXPath();
        xpath.setNamespaceContext(ANY_PREFIX);
        xpath.setXPathFunctionResolver((name, count) -> arguments -> "");
        xpath.setXPathVariableResolver(name -> "");
        try {
            xpath.compile(text);
            return null;
        } catch (XPathExpressionException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        }
    }

    /** Which prefixes there are is the step's own business. */
    private static final NamespaceContext ANY_PREFIX = new NamespaceContext() {
        @Override
        public String getNamespaceURI(String prefix) {
            return prefix.isEmpty() ? "" : "urn:" + prefix;
        }

        @Override
        public String getPrefix(String uri) {
            return null;
        }

        @Override
        public java.util.Iterator<String> getPrefixes(String uri) {
            return java.util.Collections.emptyIterator();
        }
    };
}
