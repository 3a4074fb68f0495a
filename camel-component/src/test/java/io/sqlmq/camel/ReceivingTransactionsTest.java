package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/** A route does not start in transactions in which nothing can be received. */
class ReceivingTransactionsTest extends CamelTest {
    private HikariDataSource pool;

    @AfterEach
    void close() {
        pool.close();
    }

    /** A route in the transactions of a manager of the application, on a pool that is configured like that. */
    private void startOn(Consumer<HikariConfig> pooled) throws Exception {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        pooled.accept(config);
        pool = new HikariDataSource(config);
        context.getComponent("sqlmq", SqlmqComponent.class).setDataSource(pool);
        context.getRegistry().bind("own", new DataSourceTransactionManager(pool));
        start(routes -> routes.from("sqlmq:in?transactionManager=#own").to("mock:out"));
    }

    @Test
    void ofAManagerOfTheApplicationsOwnClass() {
        pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
        context.getComponent("sqlmq", SqlmqComponent.class).setDataSource(pool);
        context.getRegistry().bind("own", new DataSourceTransactionManager(pool) {});
        assertThatThrownBy(() -> start(routes ->
                        routes.from("sqlmq:in?transactionManager=#own").to("mock:out")))
                .hasMessageContaining("SERIALIZABLE");
    }

    @Test
    void ofAnotherIsolation() {
        assertThatThrownBy(() -> startOn(pooled -> pooled.setTransactionIsolation("TRANSACTION_REPEATABLE_READ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sqlmq://in")
                .hasMessageContaining(DataSourceTransactionManager.class.getName())
                .hasMessageContaining("REPEATABLE READ")
                .hasMessageContaining("transactionIsolation");
    }

    @Test
    void thatAreReadOnly() {
        assertThatThrownBy(
                        () -> startOn(pooled -> pooled.setConnectionInitSql("SET default_transaction_read_only = on")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("read-only")
                .hasMessageContaining("default_transaction_read_only");
    }

    @Test
    void whatTheyAreDoesNotMatterWhereTheDatabaseIsAway() {
        assertThatCode(() -> startOn(pooled -> {
                    pooled.setJdbcUrl("jdbc:postgresql://localhost:1/nowhere");
                    pooled.setInitializationFailTimeout(-1);
                    pooled.setConnectionTimeout(250);
                }))
                .doesNotThrowAnyException();
    }

    /** A role that may only send would be told so every five seconds. */
    @Test
    void ofARoleThatMayNotReceive() throws Exception {
        sql.execute("DO $$ BEGIN CREATE ROLE camel_sender LOGIN; EXCEPTION WHEN duplicate_object THEN END $$");
        sql.queryForList("SELECT mq_grant('camel_sender', 'send')");
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url.replaceFirst("user=\\w+", "user=camel_sender"));
        pool = new HikariDataSource(config);
        context.getComponent("sqlmq", SqlmqComponent.class).setDataSource(pool);
        mock("out").expectedBodiesReceived("a");
        start(routes ->
                routes.from("sqlmq:in").routeId("receiving").autoStartup(false).to("mock:out"));
        template.sendBody("sqlmq:in", "a");
        assertThatThrownBy(() -> context.getRouteController().startRoute("receiving"))
                .hasStackTraceContaining("sqlmq://in cannot receive")
                .hasStackTraceContaining("mq_grant('role', 'receive')")
                .hasStackTraceContaining("autoStartup");
        sql.queryForList("SELECT mq_grant('camel_sender', 'receive')");
        context.getRouteController().startRoute("receiving");
        satisfied();
    }

    @Test
    void othersDo() throws Exception {
        mock("out").expectedBodiesReceived("a");
        startOn(pooled -> {});
        template.sendBody("sqlmq:in", "a");
        satisfied();
    }
}
