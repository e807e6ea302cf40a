package metrika.conversions.auth;

import java.security.MessageDigest;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import io.vertx.core.http.HttpMethod;

import metrika.conversions.problem.ProblemException;
import metrika.conversions.settings.SettingException;

/** Administrators: a name and a token each. Of the tokens only hashes are kept. */
public final class AdminTokens {

    /** The name of the one whose token is {@code admin.token}. */
    static final String ADMIN = "admin";
    /** Whoever it is, where no token is asked for. */
    static final String ANYONE = "anyone";
    /** A sender, who is no administrator. */
    static final String SENDER = "sender";

    private static final int MIN_CHARACTERS = 16;
    private static final int MIN_DIFFERENT = 8;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern TOKEN = Pattern.compile("[\\x20-\\x7e]+");

    /** The end of an entry of {@code admin.tokens} that lets its owner look and change nothing. */
    private static final String READ_ONLY = ":read";

    private final Map<String, byte[]> hashes = new LinkedHashMap<>();
    private final Set<String> readers = new HashSet<>();

    /**
     * Who has a token.
     *
     * @param hash of the token
     * @param isReadOnly whether every act is refused
     */
    public record Administrator(String name, byte[] hash, boolean isReadOnly) {

        /** Whoever it is, where no token is asked for. */
        public static final Administrator ANYONE = new Administrator(AdminTokens.ANYONE, new byte[0], false);
    }

    /**
     * @param token the setting {@code admin.token}, or {@code null}
     * @param tokens the setting {@code admin.tokens}, {@code <name>:<token>} with commas, {@code :read} at the end of
     *     those who only look, or {@code null}; with neither everyone is let in, for the profile {@code dev} on the
     *     loopback interface
     * @throws SettingException when a token is weak, or a name is none; the message does not quote a token
     */
    public AdminTokens(String token, String tokens) {
        if (token != null) {
            add("admin.token", ADMIN, token);
        }
        if (tokens != null) {
            for (var entry : tokens.split(",", -1)) {
                var colon = entry.indexOf(':');
                var name = colon < 0 ? "" : entry.substring(0, colon).strip();
                if (!NAME.matcher(name).matches()) {
                    throw new SettingException(
                            "admin.tokens (ADMIN_TOKENS) has to be <name>:<token>, several with commas; a name is "
                                    + "of 1 to 64 letters, digits, dots, hyphens and underscores. Entry %d is not"
                                            .formatted(hashes.size() + (token == null ? 1 : 0)));
                }
                var given = entry.substring(colon + 1).strip();
                if (given.endsWith(READ_ONLY)) {
                    given = given.substring(0, given.length() - READ_ONLY.length());
                    readers.add(name);
                }
                add("admin.tokens", name, given);
            }
        }
    }

    private void add(String setting, String name, String token) {
        var whose = setting.equals("admin.token")
                ? "admin.token (ADMIN_TOKEN)"
                : "The token of %s in admin.tokens (ADMIN_TOKENS)".formatted(name);
        if (token.length() < MIN_CHARACTERS || token.chars().distinct().count() < MIN_DIFFERENT) {
            throw new SettingException(
                    "%s is too weak: %d characters or more, of which %d or more are different, are expected. Make "
                                    .formatted(whose, MIN_CHARACTERS, MIN_DIFFERENT)
                            + "one: openssl rand -hex 32");
        }
        if (!TOKEN.matcher(token).matches()) {
            throw new SettingException("%s holds what is not ASCII. Make one: openssl rand -hex 32".formatted(whose));
        }
        if (name.equals(SENDER) || name.equals(ANYONE) || hashes.containsKey(name)) {
            throw new SettingException(
                    "admin.tokens (ADMIN_TOKENS) names %s, which is taken: give each administrator a name of "
                                    .formatted(name)
                            + "its own (admin.token has the name admin)");
        }
        var hash = SecretGenerator.hash(token);
        hashes.forEach((other, known) -> {
            if (MessageDigest.isEqual(known, hash)) {
                throw new SettingException(
                        "admin.tokens (ADMIN_TOKENS): %s and %s have the same token; give each one of its own"
                                .formatted(other, name));
            }
        });
        hashes.put(name, hash);
    }

    /** Whether a token is asked for at all. */
    public boolean areNamed() {
        return !hashes.isEmpty();
    }

    /** Why somebody may not do what a request of a method would; {@code null} when they may. */
    ProblemException refusal(String name, HttpMethod method) {
        return readers.contains(name) && !method.equals(HttpMethod.GET)
                ? ProblemException.of(
                        403, "The token of %s is for reading only: it ends in :read in admin.tokens".formatted(name))
                : null;
    }

    /** Who has a token, which may be {@code null}; where no token is asked for, nobody. */
    public Optional<Administrator> find(String token) {
        return areNamed() ? name("Bearer " + (token == null ? "" : token)).map(this::administrator) : Optional.empty();
    }

    /** Who has a token of this hash and is called so still. */
    public Optional<Administrator> find(String name, byte[] hash) {
        if (!areNamed()) {
            return name.equals(ANYONE) ? Optional.of(Administrator.ANYONE) : Optional.empty();
        }
        return Optional.ofNullable(hashes.get(name))
                .filter(known -> MessageDigest.isEqual(known, hash))
                .map(known -> administrator(name));
    }

    private Administrator administrator(String name) {
        return new Administrator(name, hashes.get(name), readers.contains(name));
    }

    /**
     * Who a request comes from. All tokens are compared, each in a time that does not tell where it differs.
     *
     * @param authorization the header, or {@code null}
     */
    Optional<String> name(String authorization) {
        if (hashes.isEmpty()) {
            return Optional.of(ANYONE);
        }
        var isBearer = authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7);
        var given = SecretGenerator.hash(isBearer ? authorization.substring(7).strip() : "");
        var found = Optional.<String>empty();
        for (var entry : hashes.entrySet()) {
            if (MessageDigest.isEqual(entry.getValue(), given)) {
                found = Optional.of(entry.getKey());
            }
        }
        return found;
    }
}
