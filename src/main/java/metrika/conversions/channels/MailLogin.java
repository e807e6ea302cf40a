package metrika.conversions.channels;

import jakarta.mail.PasswordAuthentication;
import org.apache.camel.component.mail.MailAuthenticator;

/** Who logs in to the SMTP server: nobody where no user is given. An empty name would be tried as one. */
public final class MailLogin extends MailAuthenticator {

    private final PasswordAuthentication login;

    /** @param user may be {@code null} */
    public MailLogin(String user, String password) {
        login = new PasswordAuthentication(user, user == null ? null : password);
    }

    @Override
    public PasswordAuthentication getPasswordAuthentication() {
        return login;
    }
}
