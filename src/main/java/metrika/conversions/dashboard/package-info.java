/** The pages that show operators what needs them: sessions, forms, texts in two languages, and their templates. */
package metrika.conversions.dashboard;
