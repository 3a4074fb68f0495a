package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.job.CurrentJob;
import io.sqlmq.job.Job;
import io.sqlmq.job.Jobs;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

/** Methods of beans that are jobs. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class JobsTest {
    private final String url = Databases.create();

    record Welcome(String name, int age) {}

    static class Mails {
        private final JdbcTemplate jdbc;
        private final Jobs jobs;

        Mails(JdbcTemplate jdbc, Jobs jobs) {
            this.jdbc = jdbc;
            this.jobs = jobs;
        }

        @Transactional
        public void greet(String name, boolean fails) {
            jdbc.update("INSERT INTO seen VALUES ('greets ' || ?)", name);
            jobs.job("welcome").json(new Welcome(name, 42)).spawn();
            if (fails) {
                throw new IllegalArgumentException("not greeted");
            }
        }

        @Job(channel = "mail", retries = 1, backoff = "10ms")
        @Transactional
        public void welcome(Welcome to, CurrentJob job) {
            jdbc.update("INSERT INTO seen VALUES (?)", to.name() + " " + to.age() + " at attempt " + job.attempt());
            if (job.attempt() == 1) {
                throw new IllegalArgumentException("on purpose");
            }
        }

        @Job
        @Transactional
        public void pack(String what) {
            jdbc.update("INSERT INTO seen VALUES (?)", what);
        }

        @Job(name = "tidy up")
        @ScheduledJob(cron = "${tidy.cron}", zone = "Europe/Berlin", name = "nightly")
        void tidy() {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        Mails mails(JdbcTemplate jdbc, Jobs jobs) {
            return new Mails(jdbc, jobs);
        }

        /** As a factory method does by which an application leaves something out. */
        @Bean
        Behind none() {
            return null;
        }
    }

    interface Greeting {
        @Job
        void greet(String name);

        @Job
        @ScheduledJob(cron = "0 3 * * *")
        default void greetAll() {}
    }

    static class Greetings implements Greeting {
        private final JdbcTemplate jdbc;

        Greetings(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        @Override
        @Transactional
        public void greet(String name) {
            jdbc.update("INSERT INTO seen VALUES (?)", name);
            if (name.equals("Bob")) {
                throw new IllegalArgumentException("not greeted");
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Interfaces {
        @Bean
        Greeting greetings(JdbcTemplate jdbc) {
            return new Greetings(jdbc);
        }
    }

    static class Behind {
        @Transactional
        public void other() {}

        @Job
        protected final void unreachable() {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Unreachable {
        @Bean
        Behind behind() {
            return new Behind();
        }
    }

    static class Scheduled {
        @ScheduledJob(cron = "0 3 * * *")
        void tidy() {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class OnlyScheduled {
        @Bean
        Scheduled scheduled() {
            return new Scheduled();
        }
    }

    private ConfigurableApplicationContext start(String... properties) {
        String[] all = List.of(App.url(url), App.NO_JPA, "tidy.cron=0 3 * * *").toArray(String[]::new);
        return App.start(
                Application.class,
                java.util.stream.Stream.concat(java.util.Arrays.stream(all), java.util.Arrays.stream(properties))
                        .toArray(String[]::new));
    }

    @Test
    void methodsOfBeansAreRunThroughTheirProxiesAndBySchedules() {
        Databases.execute(url, "CREATE TABLE seen (what text)");
        try (ConfigurableApplicationContext app = start("sqlmq.jobs.max-concurrency=2")) {
            Mails mails = app.getBean(Mails.class);
            assertThatThrownBy(() -> mails.greet("Bob", true)).hasMessage("not greeted");
            mails.greet("Ann", false);
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(Databases.query(url, "SELECT what FROM seen"))
                            .containsExactlyInAnyOrder("greets Ann", "Ann 42 at attempt 2"));
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(Databases.query(url, "SELECT queue FROM mq_messages"))
                            .isEmpty());
            assertThat(Databases.query(url, "SELECT cron || ' ' || destination FROM mq_scheduled"))
                    .containsExactly("0 3 * * * queue://jobs");
        }
        start("tidy.cron=-", "sqlmq.jobs.enabled=false").close();
        assertThat(Databases.query(url, "SELECT destination FROM mq_scheduled")).hasSize(1);
        start("tidy.cron=-").close();
        assertThat(Databases.query(url, "SELECT destination FROM mq_scheduled")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void methodsThatInterfacesAnnotateAreJobsThroughBothKindsOfProxies(boolean subclass) {
        Databases.execute(url, "CREATE TABLE seen (what text)");
        try (ConfigurableApplicationContext app =
                App.start(Interfaces.class, App.url(url), App.NO_JPA, "spring.aop.proxy-target-class=" + subclass)) {
            assertThat(Proxy.isProxyClass(app.getBean(Greeting.class).getClass()))
                    .isEqualTo(!subclass);
            Jobs jobs = app.getBean(Jobs.class);
            jobs.job("greet").json("Bob").retries(0).spawn();
            jobs.job("greet").json("Ann").spawn();
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(Databases.query(url, "SELECT queue FROM mq_messages"))
                            .containsExactly("DLQ"));
            assertThat(Databases.query(url, "SELECT what FROM seen")).containsExactly("Ann");
            assertThat(Databases.query(url, "SELECT name FROM mq_scheduled")).containsExactly("greetAll");
        }
    }

    /** A claim keeps its connection for 100 ms at most while its job waits for one of its own. */
    @Test
    void manyMoreJobsThanConnectionsShareThePool(CapturedOutput output) {
        Databases.execute(url, "CREATE TABLE seen (what text)");
        List<String> all =
                IntStream.range(100, 200).mapToObj(i -> "parcel " + i).toList();
        try (ConfigurableApplicationContext app = start("spring.datasource.hikari.maximum-pool-size=2")) {
            Jobs jobs = app.getBean(Jobs.class);
            jobs.spawnAll(all.stream().map(what -> jobs.job("pack").json(what)).toList());
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(Databases.query(url, "SELECT queue FROM mq_messages"))
                            .isEmpty());
        }
        assertThat(Databases.query(url, "SELECT what FROM seen")).containsExactlyInAnyOrderElementsOf(all);
        assertThat(Databases.query(url, "SELECT error FROM mq_attempts")).isEmpty();
        assertThat(output).doesNotContain("Connection is not available");
    }

    /** Neither would do what its annotation says: one would work on the fields of a proxy, which are empty. */
    @Test
    void methodsThatCannotBeJobsStopTheStart(CapturedOutput output) {
        assertThatThrownBy(() ->
                        App.start(Unreachable.class, App.url(url), App.NO_JPA).close())
                .isNotNull();
        assertThat(output).contains("Behind.unreachable has @Job").contains("neither private nor final");
        assertThatThrownBy(() ->
                        App.start(OnlyScheduled.class, App.url(url), App.NO_JPA).close())
                .isNotNull();
        assertThat(output).contains("Scheduled.tidy has @ScheduledJob").contains("Annotate it with @Job");
    }

    @Test
    void aRoleThatMayNotRunThemStopsTheStart(CapturedOutput output) {
        Databases.createSender(url, "boot_spawner");
        String spawner = App.url(url.replaceFirst("user=\\w+", "user=boot_spawner"));
        assertThatThrownBy(() -> start(spawner).close()).isNotNull();
        assertThat(output)
                .contains("The jobs of this application cannot be run")
                .contains("SELECT mq_grant('role', 'receive')")
                .contains("sqlmq.jobs.enabled=false");
        start(spawner, "sqlmq.jobs.enabled=false").close();
    }

    @Test
    void oneOfBothConcurrenciesIsEnough(CapturedOutput output) {
        start("sqlmq.jobs.max-concurrency=4").close();
        start("sqlmq.jobs.min-concurrency=50").close();
        assertThatThrownBy(() -> start("sqlmq.jobs.max-concurrency=0").close()).isNotNull();
        assertThat(output).contains("APPLICATION FAILED TO START").contains("sqlmq.jobs.min-concurrency");
    }

    @Test
    void misspeltPropertiesStopTheStart(CapturedOutput output) {
        assertThatThrownBy(() -> start("sqlmq.jobs.max-concurency=2").close()).isNotNull();
        assertThat(output).contains("APPLICATION FAILED TO START").contains("sqlmq.jobs.max-concurency");
    }

    /** With the seconds of Spring's own schedules. */
    @Test
    void aScheduleThatCannotBeReadStopsTheStart(CapturedOutput output) {
        assertThatThrownBy(() -> start("tidy.cron=0 0 3 * * *").close()).isNotNull();
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("Mails.tidy")
                .contains("\"0 0 3 * * *\" has 6 fields")
                .contains("without the seconds");
    }
}
