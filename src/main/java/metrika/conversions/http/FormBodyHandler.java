package metrika.conversions.http;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;

import metrika.conversions.problem.ProblemException;

/**
 * Takes a form apart. Vert.x takes one that it cannot read for one without fields, and bytes of any charset for UTF-8.
 */
final class FormBodyHandler implements Handler<RoutingContext> {

    @Override
    public void handle(RoutingContext context) {
        var request = context.request();
        var type = request.getHeader("Content-Type");
        if (type == null || !type.startsWith("application/x-www-form-urlencoded")) {
            context.next();
            return;
        }
        try {
            FormFields.ofForm(context.body().buffer().getBytes(), FormFields.charset(type))
                    .forEach(field -> request.formAttributes().add(field.getKey(), field.getValue()));
        } catch (ProblemException e) {
            context.fail(e);
            return;
        }
        request.params().addAll(request.formAttributes());
        context.next();
    }
}
