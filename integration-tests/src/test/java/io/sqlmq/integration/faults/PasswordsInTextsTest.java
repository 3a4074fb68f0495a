package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.jms.SqlmqConnectionFactory;
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.InitialContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a URL is written, right or wrong, its password is in no exception and in no {@code toString}. */
@SuppressWarnings({"BanJNDI", "JdkObsolete"}) // with literal names; JNDI takes Hashtables
class PasswordsInTextsTest {

    private static final String SECRET = "s3cret";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://127.0.0.1:1/shop?user=u&password=s3cret",
                "jdbc:postgresql://u:s3cret@127.0.0.1:1/shop",
                "jdbc:postgresql://u:s3cret@127.0.0.1:1/shop?x",
                "jdbc:postgresql://u:s3cret@127.0.0.1:x/shop?password=s3cret",
                "jdbc:postgresql:shop?password=s3cret&sqlmq.nonsense=1",
                "postgresql://u:s3cret@127.0.0.1/shop",
                "jdbc:postgres://u:s3cret@127.0.0.1/shop?password=s3cret",
                "sqlmq:embedded://u:s3cret@name",
                "sqlmq:embedded:name?password",
                "sqlmq:embedded:name?user=u&password=a&s3cret",
                "sqlmq:embedded:na me?password=s3cret",
                "password:s3cret"
            })
    void itIsNotShown(String url) {
        check(() -> {
            try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(url)) {
                assertThat(factory.toString()).doesNotContain(SECRET);
                assertThat(factory.getOptions().toString()).doesNotContain(SECRET);
                factory.createConnection().close();
            }
        });
        check(() -> {
            Hashtable<String, String> environment = new Hashtable<>();
            environment.put(Context.INITIAL_CONTEXT_FACTORY, "io.sqlmq.jms.jndi.SqlmqInitialContextFactory");
            environment.put("connectionFactory.cf", url);
            new InitialContext(environment).lookup("cf");
        });
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws Exception;
    }

    private static void check(Attempt attempt) {
        try {
            attempt.run();
        } catch (Exception e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                assertThat(cause.toString()).doesNotContain(SECRET);
            }
        }
    }
}
