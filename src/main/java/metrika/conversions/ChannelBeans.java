package metrika.conversions;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import javax.sql.DataSource;

import org.apache.camel.spi.Registry;

import metrika.conversions.auth.TokenEncryption;
import metrika.conversions.channels.ChannelHealth;
import metrika.conversions.channels.ChannelSteps;
import metrika.conversions.channels.MailLogin;
import metrika.conversions.channels.NewsText;
import metrika.conversions.channels.SignedPost;
import metrika.conversions.channels.TelegramBot;
import metrika.conversions.outbound.GuardedHttp;
import metrika.conversions.outbound.HttpCall;
import metrika.conversions.settings.Settings;

/** The beans that routes of channels name. */
final class ChannelBeans implements AutoCloseable {

    /** Of a whole call; a claim in claim-delivery.sql lasts longer. */
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final GuardedHttp http;

    /** @param database that health asks */
    ChannelBeans(Settings settings, DataSource database, TokenEncryption cipher, Clock clock, Registry registry) {
        http = new GuardedHttp(settings.flag(NotifySettings.ALLOW_PRIVATE), DEADLINE);
        registry.bind("channelSteps", new ChannelSteps(new NewsText(settings.text(NotifySettings.LANGUAGE))));
        registry.bind("channelHealth", new ChannelHealth(database));
        registry.bind(
                "mailLogin",
                new MailLogin(settings.find("notify.mail.username"), settings.find("notify.mail.password")));
        bindCalls(http, cipher, clock, registry);
    }

    /** Binds the beans that call receivers by HTTP. */
    static void bindCalls(HttpCall http, TokenEncryption cipher, Clock clock, Registry registry) {
        for (var name : new String[] {"signedPost", "telegramBot"}) {
            registry.unbind(name); // a registry keeps several beans of one name, by their types
        }
        registry.bind("signedPost", new SignedPost(http, cipher, clock));
        registry.bind("telegramBot", new TelegramBot(http, clock));
    }

    @Override
    public void close() throws IOException {
        http.close();
    }
}
