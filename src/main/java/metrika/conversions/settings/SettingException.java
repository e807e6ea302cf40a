package metrika.conversions.settings;

/** A setting that keeps the product from starting. The message names the setting, its value and the way out. */
public final class SettingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public SettingException(String message) {
        super(message);
    }
}
