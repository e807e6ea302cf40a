package metrika.conversions.steps;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A step of a route, a bean's method or a processor, that waits for nothing: no database, file, lock or other server,
 * as long as memory has let its caller in. A route of such steps alone may run on an event loop, see
 * {@code NonBlockingRoutes}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface NonBlocking {}
