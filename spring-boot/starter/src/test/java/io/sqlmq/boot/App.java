package io.sqlmq.boot;

import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts applications. */
final class App {
    /** What makes an application one without JPA, and without the security that is on the class path for the console. */
    static final String NO_JPA = "spring.autoconfigure.exclude="
            + "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
            + "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration,"
            + "org.springframework.boot.autoconfigure.orm.jpa.HibernateJpaAutoConfiguration,"
            + "org.springframework.boot.autoconfigure.data.jpa.JpaRepositoriesAutoConfiguration,"
            + "org.springframework.boot.autoconfigure.security.servlet.SecurityAutoConfiguration,"
            + "org.springframework.boot.actuate.autoconfigure.security.servlet.ManagementWebSecurityAutoConfiguration";

    private App() {}

    /** With nothing but the properties. Flyway and Liquibase are on the class path for some tests only. */
    static ConfigurableApplicationContext start(Class<?> application, String... properties) {
        return start(WebApplicationType.NONE, application, properties);
    }

    static ConfigurableApplicationContext start(WebApplicationType web, Class<?> application, String... properties) {
        List<String> all = new ArrayList<>(
                List.of("spring.flyway.enabled=false", "spring.liquibase.enabled=false", "spring.jmx.enabled=false"));
        all.addAll(List.of(properties));
        return new SpringApplicationBuilder(application)
                .web(web)
                .properties(all.toArray(String[]::new))
                .run();
    }

    static String url(String url) {
        return "spring.datasource.url=" + url;
    }
}
