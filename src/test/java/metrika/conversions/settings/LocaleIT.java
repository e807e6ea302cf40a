package metrika.conversions.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.Drops;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Nothing depends on the locale that the process is started in but the names of files, and of these it tells. */
class LocaleIT {

    @Test
    void withAllSourcesItStartsWithoutALocale(@TempDir Path directory) throws IOException {
        var webhook = Shared.PRODUCT.webhook(701);
        var builder = Product.idle(Shared.DATABASE, Shared.METRIKA.url()).environment("LC_ALL", "C");
        for (var source : List.of(
                "amocrm",
                "bitrix24",
                "form",
                "retailcrm",
                "till-xml",
                "till-csv",
                "folder-drop",
                "sftp-drop",
                "kafka",
                "mail")) {
            builder.with("inbound." + source + ".enabled", true);
        }
        for (var source : List.of("folder-drop", "sftp-drop", "kafka", "mail")) {
            builder.with("inbound." + source + ".webhook", webhook.id());
        }
        for (var source : List.of("sftp-drop", "mail")) {
            builder.with("inbound." + source + ".host", "127.0.0.1")
                    .with("inbound." + source + ".port", Product.freePort())
                    .with("inbound." + source + ".username", "user")
                    .with("inbound." + source + ".password", "password");
        }
        var folder = Files.createDirectory(directory.resolve("drop"));
        builder.with("inbound.folder-drop.directory", folder)
                .with("inbound.folder-drop.delay", "100")
                .with("inbound.folder-drop.min-age", "0")
                .with("inbound.folder-drop.columns", "target=Цель, client_id=Клиент")
                .with("inbound.sftp-drop.directory", "out")
                .with("inbound.sftp-drop.known-hosts-file", Files.createFile(directory.resolve("hosts")))
                .with("inbound.kafka.brokers", "127.0.0.1:" + Product.freePort())
                .with("inbound.kafka.topic", "t")
                .with("inbound.kafka.dead-letter-topic", "d")
                .with("inbound.mail.senders", "@shop.example");
        try (var product = builder.start()) {
            assertThat(product.log().lines().filter(line -> line.contains("Start it with LC_ALL=C.UTF-8")))
                    .hasSize(1);
            var content =
                    "Клиент;Цель;date_time\nlocale-1;Покупка;" + Instant.now().minusSeconds(60) + "\n";
            Drops.put(folder, "plain.csv", content.getBytes(StandardCharsets.UTF_8));
            assertThat(Drops.awaitMoved(product, folder, "plain.csv")).isEqualTo(".done");
            assertThat(Shared.DATABASE.query(
                            "select c.target from conversion c join batch b on b.id = c.batch_id where b.webhook_id ="
                                    + " ?::uuid",
                            webhook.id()))
                    .singleElement()
                    .satisfies(row -> assertThat(row.get("target")).isEqualTo("Покупка"));
            Drops.put(folder, "Выгрузка.csv", content.getBytes(StandardCharsets.UTF_8));
            await().until(() -> product.log()
                    .contains("its name has letters that this process cannot read. Rename it, or start"
                            + " with LC_ALL=C.UTF-8"));
            assertThat(folder.resolve("Выгрузка.csv")).exists();
        }
    }
}
