package metrika.conversions.dashboard;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

import metrika.conversions.problem.Json;
import metrika.conversions.support.Product;

import static org.awaitility.Awaitility.await;

/**
 * A real browser at the dashboard of a product: this machine's Chromium, whose driver is named and never looked for.
 */
final class Chromium implements AutoCloseable {

    private final ChromeDriver driver;
    private final Product product;

    private Chromium(ChromeDriver driver, Product product) {
        this.driver = driver;
        this.product = product;
    }

    /** Skips a test, and says so, where there is none. */
    static void assume() {
        Assumptions.assumeTrue(
                program("chromium").isPresent() && program("chromedriver").isPresent(),
                "no Chromium here: install chromium and chromium-driver to test the pages in a browser");
    }

    static Chromium at(Product product) {
        var options = new ChromeOptions();
        options.setBinary(program("chromium").orElseThrow().toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox", // root has none; the pages are our own
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--force-color-profile=srgb",
                "--hide-scrollbars",
                "--lang=en",
                "--user-data-dir=" + profile());
        options.setExperimentalOption("prefs", Map.of("intl.accept_languages", "en"));
        var logs = new LoggingPreferences();
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        var service = new ChromeDriverService.Builder()
                .usingDriverExecutable(program("chromedriver").orElseThrow().toFile())
                .usingAnyFreePort()
                .build();
        var browser = new Chromium(new ChromeDriver(service, options), product);
        browser.width(1280);
        return browser;
    }

    private static Optional<Path> program(String name) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Path profile() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target", "chromium")), "profile")
                    .toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ChromeDriver driver() {
        return driver;
    }

    Chromium open(String path) {
        driver.get(path.startsWith("http") ? path : product.dashboardUrl() + path);
        return this;
    }

    void signIn(String token) {
        open("/dashboard/login");
        fill("token", token);
        submit("/dashboard/login");
        await().until(() -> driver.getCurrentUrl().endsWith("/dashboard"));
    }

    WebElement find(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    List<WebElement> all(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    String text() {
        return find("body").getText();
    }

    /** Opens a page again and again until it shows something. */
    void openUntil(String path, String text) {
        await().until(() -> open(path).text().contains(text));
    }

    void fill(String name, String value) {
        find("main [name=" + name + "]").sendKeys(value);
    }

    /** Presses the button of the form that is sent there. */
    void submit(String action) {
        find("form[action='" + action + "'] button").click();
    }

    void tab() {
        press(Keys.TAB);
    }

    void press(CharSequence keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    String focused() {
        return driver.switchTo().activeElement().getAttribute("outerHTML");
    }

    void tabTo(String attribute) {
        for (var stop = 0; stop < 60; stop++) {
            tab();
            if ((Boolean) script("return document.activeElement.matches(\"[" + attribute + "]\")")) {
                return;
            }
        }
        throw new AssertionError("no key leads to " + attribute);
    }

    void type(String name, CharSequence keys) {
        tabTo("name=" + name);
        press(keys);
    }

    Object script(String script) {
        return driver.executeScript(script);
    }

    /** What hinders people from using the page that is shown. */
    List<String> barriers() {
        return new AxeBuilder()
                .analyze(driver).getViolations().stream().map(Chromium::told).toList();
    }

    private static String told(Rule rule) {
        return rule.getId() + ": " + rule.getHelp()
                + rule.getNodes().stream()
                        .map(node -> "\n  " + node.getTarget() + " " + node.getHtml())
                        .toList();
    }

    /** Where requests went since this was asked last. */
    List<String> requests() {
        return entries(LogType.PERFORMANCE)
                .map(entry -> read(entry.getMessage()).path("message"))
                .filter(message -> message.path("method").asText().equals("Network.requestWillBeSent"))
                .map(message -> message.at("/params/request/url").asText())
                .filter(url -> !url.startsWith("data:") && !url.startsWith("about:") && !url.startsWith("chrome:"))
                .toList();
    }

    /** What the console has said since this was asked last: nothing but answers other than 200, which are meant. */
    List<String> complaints() {
        return entries(LogType.BROWSER)
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .filter(message -> !message.contains("the server responded with a status of"))
                .toList();
    }

    private Stream<LogEntry> entries(String log) {
        return StreamSupport.stream(driver.manage().logs().get(log).spliterator(), false);
    }

    private static JsonNode read(String json) {
        try {
            return Json.MAPPER.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a page looks like that is so many pixels wide. */
    void width(int pixels) {
        driver.manage().window().setSize(new Dimension(Math.max(500, pixels), 900));
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", pixels, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    }

    /** @param scheme {@code light} or {@code dark} */
    void scheme(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** The page that is shown, from its top as far as so many pixels, as a PNG. */
    byte[] picture(int most) {
        var size = Json.MAPPER
                .<JsonNode>valueToTree(driver.executeCdpCommand("Page.getLayoutMetrics", Map.of()))
                .path("cssContentSize");
        var clip = Map.of(
                "x",
                0,
                "y",
                0,
                "width",
                size.path("width").asInt(),
                "height",
                Math.min(most, size.path("height").asInt()),
                "scale",
                1);
        var shot = driver.executeCdpCommand(
                "Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true, "clip", clip));
        return Base64.getDecoder().decode((String) shot.get("data"));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
