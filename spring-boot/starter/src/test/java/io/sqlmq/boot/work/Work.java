package io.sqlmq.boot.work;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.annotation.JmsListener;

/** An application that works on each message for a while. */
@SpringBootApplication
public class Work {
    private final JdbcTemplate jdbc;

    public Work(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** On its own, to be killed. */
    public static void main(String[] args) {
        SpringApplication.run(Work.class, args);
    }

    @JmsListener(destination = "work", concurrency = "8")
    public void work(String what) throws InterruptedException {
        jdbc.update(
                "INSERT INTO done VALUES (?, ?)", what, Thread.currentThread().toString());
        Thread.sleep(20);
    }
}
