package metrika.conversions.sources;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.docs.PageCommands;
import metrika.conversions.support.Drops;
import metrika.conversions.support.PageBlocks;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;

import static org.assertj.core.api.Assertions.assertThat;

/** The source of tills in docs/sources/files.md, followed as it stands. */
class ReceiptFilesIT {

    private static final Charset WINDOWS_1251 = Charset.forName("windows-1251");

    @TempDir
    private Path directory;

    private static List<String> commands() throws IOException {
        return PageBlocks.allWith("docs/sources/files.md", "bash", "receipts");
    }

    private void put(String shop, String name, String xml) throws IOException {
        var folder = Files.createDirectories(directory.resolve("data/receipts").resolve(shop));
        Drops.put(folder, name, xml.getBytes(WINDOWS_1251));
    }

    private String awaitMoved(Product product, String shop, String name) {
        return Drops.awaitMoved(product, directory.resolve("data/receipts").resolve(shop), name);
    }

    private static String stored(String webhook) {
        return Shared.DATABASE.value(
                "select string_agg(concat_ws(' ', c.purchase_id, c.date_time, c.price, c.client_id), E'\\n'"
                        + " order by c.purchase_id collate \"C\") from conversion c join batch b on b.id = c.batch_id"
                        + " where b.webhook_id = ?::uuid",
                webhook);
    }

    @Test
    void aReceiptIsStoredByItsShopAndWhatCannotBeReadIsSetAside() throws Exception {
        Product.copyProject(directory);
        var webhook = Shared.PRODUCT.webhook(504);
        assertThat(new PageCommands(directory).bash(String.join("", commands()), webhook.id()))
                .contains("no faults", "1 conversion,", ",receipt,1751348096,1234.50,RUB");
        var receipt = Files.readString(directory.resolve("000123.xml"), WINDOWS_1251);
        try (var product = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .in(directory)
                .with("inbound.receipts.min-age", "0")
                .with("inbound.receipts.delay", "100")
                .start()) {
            put("29", "000123.xml", receipt);
            put("30", "000123.xml", receipt);
            put("5", "broken.xml", receipt.replace("</Чек>", ""));
            put("51", "x.xml", receipt);
            var one = receipt.replaceFirst("<[?].*[?]>", "");
            put(
                    "6",
                    "several.xml",
                    "<?xml version='1.0' encoding='windows-1251'?><Чеки>"
                            + one
                            + one.replace("\"000123\"", "\"000124\"").replace("Продажа", "Возврат")
                            + one.replace("\"000123\"", "\"000125\"")
                            + "</Чеки>");
            assertThat(awaitMoved(product, "29", "000123.xml")).isEqualTo(".done");
            assertThat(awaitMoved(product, "30", "000123.xml")).isEqualTo(".done");
            assertThat(awaitMoved(product, "6", "several.xml")).isEqualTo(".done");
            assertThat(awaitMoved(product, "5", "broken.xml")).isEqualTo(".failed");
            assertThat(awaitMoved(product, "51", "x.xml")).isEqualTo(".failed");
            assertThat(stored(webhook.id()).lines())
                    .containsExactly(
                            "29-07-000123 1751362496 1234.50 1751360000123456789",
                            "30-07-000123 1751348096 1234.50 1751360000123456789",
                            "6-07-000123 1751362496 1234.50 1751360000123456789",
                            "6-07-000125 1751362496 1234.50 1751360000123456789");
            assertThat(Drops.errors(directory.resolve("data/receipts/51"), "x.xml"))
                    .singleElement()
                    .asString()
                    .contains("'51' in file.folder");
            assertThat(product.log())
                    .contains("File 29/000123.xml is .done: 1 conversion stored")
                    .contains("File 5/broken.xml is .failed");
            var refused = webhook.at(product)
                    .product()
                    .send(webhook.at(product).request("/refused?limit=100"))
                    .body();
            assertThat(refused).contains("51/x.xml", "5/broken.xml", "not XML to its end");
        }
    }
}
