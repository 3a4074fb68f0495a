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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
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
                .filter(message -> !message.contains("403")
                        && !message.contains("400")
                        && !message.contains("ERR_INCOMPLETE_CHUNKED"))
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
                .ignoring(StaleElementReferenceException.class) // of the page before
                .until(d -> d.findElement(By.tagName("body")).getText().contains(text));
    }

    private static WebElement link(String text) {
        return see(By.xpath("//a[contains(normalize-space(.), \"" + text + "\")]"));
    }

    /** What is live may be replaced between finding and clicking. */
    private static void follow(String text) {
        new WebDriverWait(browser(), LONG)
                .ignoring(StaleElementReferenceException.class)
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
        button("Resume").sendKeys(Keys.ENTER);
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

    /** Pages with much on them, and names that are as long as names can be. */
    private static List<String> fullPages() throws Exception {
        String name = "orders-of-" + "x".repeat(240);
        send(name, "{\"customer\":\"" + "y".repeat(500) + "\"}");
        String dead = deadLetter(name, "no such customer: " + "z".repeat(500));
        jms(context -> context.createProducer()
                .setProperty("AMQ_SCHEDULED_CRON", "0 5 * * *")
                .send(context.createQueue("reports"), "daily"));
        return List.of(
                "/",
                "/queue?" + form("name", name),
                "/queue?" + form("name", name, "selector", "JMSPriority = 4"),
                "/message?" + form("id", dead),
                "/dead",
                "/topics",
                "/consumers",
                "/schedules",
                "/transactions",
                "/health",
                "/queue");
    }

    private static void emulate(String scheme, int width) {
        browser()
                .executeCdpCommand(
                        "Emulation.setEmulatedMedia",
                        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        browser()
                .executeCdpCommand(
                        "Emulation.setDeviceMetricsOverride",
                        Map.of("width", width, "height", 740, "deviceScaleFactor", 1, "mobile", false));
    }

    private static void go(String path) {
        browser().get(console.url().replaceFirst("/$", "") + path);
        see(By.tagName("h1"));
    }

    /** WCAG 2.1, 1.4.3 and 1.4.11: texts and lines of plots stand out from what is behind them. */
    @ParameterizedTest
    @ValueSource(strings = {"light", "dark"})
    void everythingCanBeReadInBothSchemesOnTheSmallestScreen(String scheme) throws Exception {
        List<String> pages = fullPages();
        enter();
        emulate(scheme, 360);
        try {
            for (String page : pages) {
                go(page);
                assertThat((List<?>) browser().executeScript(WIDE)).as(page).isEmpty();
                assertThat((List<?>) browser().executeScript(FAINT)).as(page).isEmpty();
            }
            assertThat(browser().executeScript("return getComputedStyle(document.body).backgroundColor"))
                    .isEqualTo(scheme.equals("dark") ? "rgb(20, 24, 31)" : "rgb(251, 251, 252)");
        } finally {
            browser().executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
            browser().executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of()));
        }
    }

    /** WCAG 2.1, 2.1.1 and 2.4.7. */
    @Test
    void theKeyboardReachesWhateverCanBeDone() throws Exception {
        List<String> pages = fullPages();
        enter();
        for (String page : pages.subList(2, 5)) {
            go(page);
            browser().executeScript(FOCUSED);
            Long places = (Long) browser().executeScript("return document.querySelectorAll('[data-place]').length");
            org.openqa.selenium.interactions.Actions keys = new org.openqa.selenium.interactions.Actions(browser());
            for (int i = 0; i < places + 5; i++) {
                keys.sendKeys(Keys.TAB);
            }
            keys.perform();
            Set<?> reached = new HashSet<>((List<?>) browser().executeScript("return window.reached"));
            assertThat(reached).as(page).hasSize(places.intValue());
        }
    }

    /** Has the page remember what the focus comes to and is seen at. */
    private static final String FOCUSED = """
            document.querySelectorAll('[sse-connect]').forEach(e => e.remove());
            document.querySelectorAll('a[href], button, textarea, input:not([type=hidden])').forEach((e, i) => e.dataset.place = i);
            window.reached = [];
            document.addEventListener('focusin', ({target}) => {
              if (target.dataset.place && getComputedStyle(target).outlineStyle !== 'none') window.reached.push(target.dataset.place);
            });""";

    /** What makes the page scroll sideways. */
    private static final String WIDE = """
            const root = document.documentElement;
            return root.scrollWidth <= root.clientWidth ? [] : [...document.querySelectorAll('body *')]
              .filter(e => !e.closest('.wide') && e.getBoundingClientRect().right > root.clientWidth)
              .map(e => e.outerHTML.slice(0, 80));""";

    /** What is too faint: the text or the name, and how much it stands out. */
    private static final String FAINT = """
            const rgb = color => (color.match(/[\\d.]+/g) || []).map(Number);
            const light = c => { const l = c.slice(0, 3).map(v => { v /= 255;
              return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
              return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]; };
            const ratio = (a, b) => { const x = light(a), y = light(b); return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
            const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
              if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
            const faint = [];
            document.querySelectorAll('body *').forEach(e => {
              const says = e.matches('input, textarea') || [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
              if (says && e.checkVisibility() && !e.matches('script, style, option')) {
                const r = ratio(rgb(getComputedStyle(e).color), behind(e));
                if (r < 4.5) faint.push(e.tagName + ' ' + (e.textContent || e.name).slice(0, 40) + ' ' + r.toFixed(2));
              }
            });
            const paint = document.createElement('i');
            document.body.appendChild(paint);
            ['--plot-sent', '--plot-gone', '--plot-age'].forEach(name => {
              paint.style.color = getComputedStyle(document.body).getPropertyValue(name);
              const panel = getComputedStyle(document.querySelector('header')).backgroundColor;
              const r = ratio(rgb(getComputedStyle(paint).color), rgb(panel));
              if (r < 3) faint.push(name + ' ' + r.toFixed(2));
            });
            paint.remove();
            return faint;""";
}
