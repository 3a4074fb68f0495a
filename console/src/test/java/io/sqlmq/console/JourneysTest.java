package io.sqlmq.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/**
 * What operators come for, in a real browser. Skipped where no Chromium is; with {@code -Dsqlmq.docs.update=true} the screenshots of
 * docs/console.md are made.
 */
class JourneysTest extends ConsoleTestCase {
    private static final Path SCREENSHOTS = Path.of("..", "docs", "console");
    private static final Duration LONG = Duration.ofSeconds(30);
    private static @Nullable ChromeDriver browser;

    @BeforeAll
    static void opens() throws Exception {
        String chromium = first("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");
        String driver = first("/usr/bin/chromedriver", "/usr/lib/chromium-browser/chromedriver");
        assumeThat(chromium != null && driver != null)
                .as("no Chromium with its driver here (apt install chromium chromium-driver): the journeys are skipped")
                .isTrue();
        ChromeOptions options = new ChromeOptions();
        options.setBinary(String.valueOf(chromium));
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--window-size=1200,900",
                "--lang=en");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, java.util.logging.Level.WARNING);
        options.setCapability("goog:loggingPrefs", logs);
        // So that Selenium's manager has nothing to look for, or to download.
        System.setProperty("webdriver.chrome.driver", String.valueOf(driver));
        browser = new ChromeDriver(options);
        browser.manage().timeouts().pageLoadTimeout(Duration.ofSeconds(60));
    }

    private static @Nullable String first(String... paths) {
        return Stream.of(paths)
                .filter(path -> new File(path).canExecute())
                .findFirst()
                .orElse(null);
    }

    @AfterAll
    static void closes() {
        if (browser != null) {
            browser.quit();
        }
    }

    @BeforeEach
    void begins() {
        browser().manage().deleteAllCookies();
        browser().manage().window().setSize(new Dimension(1200, 900));
    }

    /** Nothing was blocked by the policy for content, and no script failed. */
    @AfterEach
    void nothingWentWrongInTheBrowser() {
        List<String> failures = browser().manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(entry -> entry.getMessage())
                .filter(message -> !message.contains("403") && !message.contains("ERR_INCOMPLETE_CHUNKED"))
                .toList();
        assertThat(failures).isEmpty();
    }

    private static ChromeDriver browser() {
        if (browser == null) {
            throw new IllegalStateException("not opened");
        }
        return browser;
    }

    private static WebElement see(By what) {
        return new WebDriverWait(browser(), LONG).until(ExpectedConditions.visibilityOfElementLocated(what));
    }

    private static void seeText(String text) {
        new WebDriverWait(browser(), LONG)
                .until(d -> d.findElement(By.tagName("body")).getText().contains(text));
    }

    private static WebElement link(String text) {
        return see(By.xpath("//a[contains(normalize-space(.), \"" + text + "\")]"));
    }

    /** What is live may be replaced between finding and clicking. */
    private static void follow(String text) {
        new WebDriverWait(browser(), LONG)
                .ignoring(org.openqa.selenium.StaleElementReferenceException.class)
                .until(d -> {
                    link(text).click();
                    return true;
                });
    }

    private static WebElement button(String text) {
        return see(By.xpath("//button[normalize-space(.)=\"" + text + "\"]"));
    }

    private static void enter() {
        browser().get(console.loginUrl());
        button("Enter").click();
        see(By.xpath("//h1[.='Queues']"));
    }

    private static void enter(String role) {
        browser().get(console.url());
        see(By.name("user")).sendKeys(role);
        browser().findElement(By.name("password")).sendKeys(PASSWORD);
        button("Log in").click();
    }

    private static void screenshot(String name) throws Exception {
        if (Boolean.getBoolean("sqlmq.docs.update")) {
            Files.createDirectories(SCREENSHOTS);
            Files.write(SCREENSHOTS.resolve(name + ".png"), browser().getScreenshotAs(OutputType.BYTES));
        }
    }

    @Test
    void aQueueIsSeenToGrow() throws Exception {
        send("orders", "1", "2", "3");
        send("parcels", "1");
        enter();
        assertThat(link("orders").isDisplayed()).isTrue();
        send("orders", "4", "5");
        new WebDriverWait(browser(), LONG)
                .until(d -> d.findElement(By.xpath("//td[a='orders']/following-sibling::td[1]"))
                        .getText()
                        .equals("5"));
        new WebDriverWait(browser(), Duration.ofSeconds(60))
                .until(d -> !d.findElements(By.cssSelector(".plots canvas")).isEmpty());
        screenshot("queues");
    }

    @Test
    void aDeadLetterIsReadRetriedAndProcessed() throws Exception {
        deadLetter("orders", "no such customer: 42");
        deadLetter("orders", "no such customer: 42");
        deadLetter("invoices", "Connection refused");
        enter();
        follow("3 dead letters in DLQ");
        seeText("no such customer: 42");
        screenshot("dead-letters");
        see(By.cssSelector("a.id")).click();
        seeText("Last error");
        seeText("no such customer: 42");
        screenshot("message");
        Set<String> processed = ConcurrentHashMap.newKeySet();
        try (JMSContext context = factory.createContext()) {
            context.createConsumer(context.createQueue("orders")).setMessageListener(message -> {
                try {
                    processed.add(((TextMessage) message).getText());
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
            button("Retry").click();
            seeText("back where it came from");
            new WebDriverWait(browser(), LONG).until(d -> processed.contains("a body"));
        }
        browser().get(console.url());
        follow("2 dead letters in DLQ");
        button("Retry all").click();
        seeText("back to the queues that they came from?");
        button("Retry all that match").click();
        seeText("2 messages put back");
    }

    @Test
    void aRoleWithTooFewRightsIsToldSo() throws Exception {
        send("orders", "a secret");
        enter("console_watch");
        follow("orders");
        seeText("permission denied");
        browser().manage().deleteAllCookies();
        enter("console_headers");
        follow("orders");
        see(By.cssSelector("a.id")).click();
        seeText("may not read bodies");
        assertThat(browser().getPageSource()).doesNotContain("a secret");
        browser().manage().deleteAllCookies();
        enter("console_bodies");
        follow("orders");
        button("Pause").click();
        seeText("permission denied");
        assertThat(value("SELECT count(*) FROM mq_paused")).isEqualTo("0");
    }

    @Test
    void aHostileBodyDoesNotRun() throws Exception {
        String evil =
                "<script>document.title='evil'</script><img src=x onerror=\"document.title='evil'\"><svg onload=\"document.title='evil'\">";
        jms(context ->
                context.createProducer().setProperty("p", evil).setJMSType(evil).send(context.createQueue(evil), evil));
        deadLetter("q", evil.replace("'", "''"));
        enter();
        for (String path : List.of("/", "/queue?" + form("name", evil), "/dead", "/?" + form("q", evil))) {
            browser().get(console.url().replaceFirst("/$", "") + path);
            see(By.tagName("h1"));
            assertThat(browser().getTitle()).as(path).doesNotStartWith("evil");
            assertThat(browser().findElements(By.cssSelector("main img, main script, main svg")))
                    .isEmpty();
        }
        browser().get(console.url().replaceFirst("/$", "") + "/queue?" + form("name", evil));
        see(By.cssSelector("a.id")).click();
        assertThat(see(By.id("body")).getText()).isEqualTo(evil);
        assertThat(browser().getTitle()).doesNotStartWith("evil");
        assertThat(browser().findElements(By.cssSelector("main img, main script, main svg")))
                .isEmpty();
    }

    @Test
    void aQueueIsOperatedOnASmallScreenByKeyboard() throws Exception {
        send("orders", "{\"customer\":\"ada\",\"lines\":[{\"article\":\"apples\",\"number\":42}]}");
        enter();
        follow("orders");
        see(By.name("reason")).sendKeys("stock-taking\n");
        seeText("orders is paused");
        button("Resume").sendKeys(org.openqa.selenium.Keys.ENTER);
        seeText("orders goes on");
        see(By.name("selector")).sendKeys("JMSPriority = 9\n");
        seeText("No messages.");
        button("Remove all that match").click();
        seeText("that JMSPriority = 9 selects?");
        follow("Leave it");
        see(By.name("selector"));
        browser().manage().window().setSize(new Dimension(500, 800));
        browser().get(console.url().replaceFirst("/$", "") + "/queue?name=orders");
        see(By.cssSelector("a.id"));
        Long wide = (Long) browser()
                .executeScript("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assertThat(wide).as("scrolls sideways").isZero();
    }
}
