/**
 * The command {@code check}: holds route files against the rules, and tries a connector on a sample, without a
 * database.
 */
package metrika.conversions.check;
