package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Work that takes long goes on where its last checkpoint was. */
class CheckpointTest extends CamelTest {
    private static final String LONG =
            "sqlmq:imports?transacted=false&acknowledgementModeName=CLIENT_ACKNOWLEDGE&redelivery.maximumRedeliveries=5";

    private final List<String> begun = new CopyOnWriteArrayList<>();

    @BeforeEach
    void forget() {
        begun.clear();
    }

    private void begins(Exchange exchange) {
        begun.add(String.valueOf(exchange.getMessage().getHeader(SqlmqConstants.CHECKPOINT)));
    }

    private void done() throws JMSException {
        await().untilAsserted(() -> assertThat(count("imports")).isZero());
        assertThat(count("DLQ")).isZero();
    }

    @Test
    void aStepStoresTheHeaderAndTheNextDeliveryHasIt() throws Exception {
        start(routes -> routes.from(LONG)
                .process(this::begins)
                .setHeader("page", routes.simple("${header.JMS_SQLMQ_Checkpoint}"))
                .transform(routes.constant("another body"))
                .setHeader(SqlmqConstants.CHECKPOINT, routes.constant("page 7"))
                .process(new SqlmqCheckpoint())
                .choice()
                .when(routes.simple("${header.page} != 'page 7'"))
                .throwException(IOException.class, "the partner is away"));
        template.sendBody("sqlmq:imports", "a");
        done();
        assertThat(begun).containsExactly("null", "page 7");
    }

    @Test
    void aBeanStoresInTheTransactionOfItsSql() throws Exception {
        sql.execute("DROP TABLE IF EXISTS copied");
        sql.execute("CREATE TABLE copied (page integer PRIMARY KEY)");
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        start(routes -> routes.from(LONG).process(exchange -> {
            begins(exchange);
            String stored = exchange.getMessage().getHeader(SqlmqConstants.CHECKPOINT, String.class);
            int first = stored == null ? 0 : Integer.parseInt(stored);
            for (int page = first; page < 6; page++) {
                int copying = page;
                transaction.executeWithoutResult(status -> {
                    jdbc.update("INSERT INTO copied VALUES (?)", copying);
                    store(exchange, copying + 1);
                    if (copying == first + 2 && copying < 5) {
                        throw new IllegalStateException("the partner is away");
                    }
                });
            }
        }));
        template.sendBody("sqlmq:imports", "a");
        done();
        assertThat(begun).containsExactly("null", "2", "4");
        assertThat(sql.queryForList("SELECT page FROM copied ORDER BY page", Integer.class))
                .containsExactly(0, 1, 2, 3, 4, 5);
    }

    private static void store(Exchange exchange, int next) {
        try {
            SqlmqCheckpoint.store(exchange, Integer.toString(next));
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void transactedRoutesAndOtherExchangesAreToldWhatToDo() throws Exception {
        mock("dead").expectedMessageCount(1);
        mock("dead").message(0).header(SqlmqConstants.DEAD_LETTER_ERROR).contains("not transacted");
        start(routes -> {
            routes.from("sqlmq:DLQ").to("mock:dead");
            routes.from("sqlmq:in?redelivery.maximumRedeliveries=0")
                    .setHeader(SqlmqConstants.CHECKPOINT, routes.constant("page 7"))
                    .process(new SqlmqCheckpoint());
            routes.from("direct:in").process(new SqlmqCheckpoint());
        });
        template.sendBody("sqlmq:in", "a");
        satisfied();
        assertThat(template.request("direct:in", exchange -> {}).getException())
                .hasMessageContaining(SqlmqConstants.CHECKPOINT);
        assertThat(template.request(
                                "direct:in",
                                exchange -> exchange.getMessage().setHeader(SqlmqConstants.CHECKPOINT, "x"))
                        .getException())
                .hasMessageContaining("none of sqlmq");
    }
}
