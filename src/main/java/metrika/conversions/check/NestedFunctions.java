package metrika.conversions.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.language.simple.SimpleLanguage;
import org.apache.camel.language.simple.types.SimpleIllegalSyntaxException;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.ExpressionAdapter;

/**
 * Functions of Simple inside others, such as <code>${sum(${body[a]},-${body[b]})}</code>: Camel reads the inner ones
 * only when a message comes, so they are run here on a message without anything in it.
 */
final class NestedFunctions {

    /** May do something, and whatever it may be. */
    private static final Pattern CALLS = Pattern.compile("\\$\\{(bean:|ref:|type:|camelContext|exchange\\b)");
    /** What takes the place of what an inner function cannot say of such a message. */
    private static final String ANY = "1";

    private final CamelContext context;
    private final Language language = new Language();

    /** @param context of its own: its Simple is replaced */
    NestedFunctions(CamelContext context) {
        this.context = context;
        language.setCamelContext(context);
        context.getRegistry().bind("simple", language);
    }

    /** Lets inner functions fail of what there is not, and only of how they are written. */
    private static final class Language extends SimpleLanguage {

        @Override
        public Expression createExpression(String text) {
            var read = super.createExpression(text);
            return new ExpressionAdapter() {
                @Override
                public void init(CamelContext camel) {
                    read.init(camel);
                }

                @Override
                public Object evaluate(Exchange exchange) {
                    try {
                        return read.evaluate(exchange, Object.class);
                    } catch (RuntimeException e) {
                        if (syntax(e) != null) {
                            throw e;
                        }
                        return ANY; // of an empty message, so it says nothing about the expression
                    }
                }
            };
        }
    }

    /** What is wrong with the functions inside others, in a text that can be read as far as Camel reads it at once. */
    Optional<String> fault(String text) {
        if (CALLS.matcher(text).find()) {
            return Optional.empty();
        }
        for (var function : outermost(text)) {
            if (function.indexOf("${", 2) > 0) {
                try {
                    var expression = language.createExpression(function);
                    expression.init(context);
                    expression.evaluate(new DefaultExchange(context), Object.class);
                } catch (RuntimeException e) {
                    var syntax = syntax(e);
                    if (syntax != null) {
                        return Optional.of(
                                "its part %s: %s. Inside another function, one with a comma in it goes into single quotes"
                                        .formatted(syntax.getExpression(), reason(syntax)));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static String reason(SimpleIllegalSyntaxException syntax) {
        return syntax.getMessage().lines().findFirst().orElse("").replaceFirst(" at location \\d+$", "");
    }

    private static SimpleIllegalSyntaxException syntax(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause() == cause ? null : cause.getCause()) {
            if (cause instanceof SimpleIllegalSyntaxException syntax) {
                return syntax;
            }
        }
        return null;
    }

    /** The functions that are in no other. */
    private static List<String> outermost(String text) {
        var functions = new ArrayList<String>();
        var depth = 0;
        var start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.startsWith("${", i)) {
                start = depth++ == 0 ? i : start;
            } else if (text.charAt(i) == '}' && depth > 0 && --depth == 0) {
                functions.add(text.substring(start, i + 1));
            }
        }
        return functions;
    }
}
