package metrika.conversions.dashboard;

/**
 * Who looks at a page, and how: what a template knows beside the data.
 *
 * @param language {@code en} or {@code ru}
 * @param path of the page, to come back to it in the other language
 * @param query of its address, without the language; may be empty
 * @param actor the administrator's name, {@code null} before the login
 * @param isReadOnly whether every act is refused
 * @param csrf what each form has to carry, {@code null} before the login
 * @param isTokenAsked whether a login needs a token
 * @param hasFailed whether a login was just refused
 */
record Visitor(
        String language,
        String path,
        String query,
        String actor,
        boolean isReadOnly,
        String csrf,
        boolean isTokenAsked,
        boolean hasFailed) {

    /** The name of the variable that it is in. */
    static final String VARIABLE = "visitor";

    Visitor refused() {
        return new Visitor(language, path, query, actor, isReadOnly, csrf, isTokenAsked, true);
    }
}
