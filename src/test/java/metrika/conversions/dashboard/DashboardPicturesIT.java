package metrika.conversions.dashboard;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;

/** Makes the pictures of docs/img: pages of a made-up shop, on a screen and on a phone, light and dark. */
@EnabledIfSystemProperty(named = "write", matches = ".*", disabledReason = "pictures are made with -Dwrite only")
class DashboardPicturesIT {

    private static final Path FOLDER = Path.of("docs", "img");
    private static final int MOST_BYTES = 200_000;

    /** Thirty days with their nights, of a shop and its tills. */
    private static final String DAYS = """
            insert into tally_change (webhook_id, hour, source, outcome, quantity)
            select '%s', at, source, outcome, quantity
              from generate_series(this_hour() - interval '30 days', this_hour() - interval '1 hour', interval '1 hour') as at
             cross join lateral (select round(90 * exp(-power(extract(hour from at at time zone 'UTC') - 12, 2) / 30)
                                              * (1 + 0.3 * sin(extract(epoch from at) / 200000)))::bigint as n) as day
             cross join lateral (values ('api', 'accepted', n), ('till', 'accepted', n / 3), ('', 'sent', n + n / 3), ('', 'completed', n + n / 3),
                                        ('', 'linked', (n + n / 3) * 4 / 5), ('', 'unlinked', n + n / 3 - (n + n / 3) * 4 / 5))
                   as t (source, outcome, quantity)
             where quantity > 0
            """;

    @Test
    void theOverviewAWebhookAndABatch() throws Exception {
        Chromium.assume();
        var database = TestDatabase.create();
        try (var metrika = Shared.metrika("pictures");
                var product = Product.on(database, metrika.url()).start();
                var browser = Chromium.at(product)) {
            var shop = product.webhook(
                    "{\"name\": \"Online shop\", \"counter_id\": 12345678, \"token\": \"y0_shop\", \"time_zone\": \"Europe/Moscow\"}");
            product.webhook("{\"name\": \"Tills\", \"counter_id\": 87654321, \"token\": \"y0_tills\"}");
            database.update(DAYS.formatted(shop.id()));
            var batch = shop.batch(conversion("purchase_id", "order-1"), conversion("purchase_id", "order-2"));
            shop.awaitStatus(batch, "completed");
            browser.open("/dashboard/login").submit("/dashboard/login");
            for (var page : Map.of(
                            "overview", "/dashboard",
                            "webhook", "/dashboard/webhooks/" + shop.id(),
                            "batch", "/dashboard/webhooks/" + shop.id() + "/batches/" + batch)
                    .entrySet()) {
                for (var scheme : List.of("light", "dark")) {
                    browser.scheme(scheme);
                    take(browser, page.getKey() + "-1280-" + scheme, page.getValue(), 1280, 1500);
                    take(browser, page.getKey() + "-390-" + scheme, page.getValue(), 390, 1500);
                }
            }
        }
    }

    private static void take(Chromium browser, String name, String path, int width, int most) throws Exception {
        browser.width(width);
        browser.open(path);
        var picture = SmallPicture.of(browser.picture(most));
        assertThat(picture.length).as(name).isLessThan(MOST_BYTES);
        Files.write(Files.createDirectories(FOLDER).resolve(name + ".png"), picture);
    }
}
