package io.sqlmq.example.boot;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the application. There is nothing about sqlmq in it but a dependency, and {@code application.yml}. */
@SpringBootApplication
public class Shop {

    /** See README.md. */
    public static void main(String[] args) {
        SpringApplication.run(Shop.class, args);
    }
}
