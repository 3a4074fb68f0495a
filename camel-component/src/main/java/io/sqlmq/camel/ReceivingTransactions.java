package io.sqlmq.camel;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Whether messages can be received in the transactions of managers of the application; otherwise routes would fail every five seconds,
 * and look as if they worked. Thread-safe.
 */
final class ReceivingTransactions {
    private static final Logger log = LoggerFactory.getLogger(ReceivingTransactions.class);
    private static final String FIT = "";

    /** Why not, by manager. Each is asked once: where the database is away, a pool may wait long before it says so. */
    private final Map<PlatformTransactionManager, String> answers = new ConcurrentHashMap<>();

    /**
     * Looks at a transaction of a manager. Without a database the answer is left to the consumers, which wait for it.
     *
     * @param dataSource what the manager works on
     * @throws SqlmqStartException if nothing can be received in it
     */
    void require(SqlmqEndpoint from, PlatformTransactionManager manager, DataSource dataSource) {
        String answer = answers.computeIfAbsent(manager, asked -> answer(asked, dataSource));
        if (!answer.equals(FIT)) {
            throw new SqlmqStartException(
                    "The transactions of " + from + " are those of "
                            + manager.getClass().getName() + ", which are " + answer,
                    "");
        }
    }

    private static String answer(PlatformTransactionManager manager, DataSource dataSource) {
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
        try {
            return Objects.requireNonNull(new TransactionTemplate(manager)
                    .execute(status -> jdbc.queryForObject(
                            "SELECT pg_catalog.current_setting('transaction_isolation'),"
                                    + " pg_catalog.current_setting('transaction_read_only')::bool",
                            (row, number) -> answer(row))));
        } catch (TransactionException | DataAccessException e) {
            log.debug("What the transactions of {} are could not be asked", manager, e);
            return FIT;
        }
    }

    private static String answer(ResultSet row) throws SQLException {
        if (row.getBoolean(2)) {
            return "read-only, and to receive a message is to write. Remove readOnly from the pool"
                    + " (spring.datasource.hikari.read-only), or the default_transaction_read_only of the role or the database";
        }
        String isolation = row.getString(1);
        return isolation.startsWith("read ")
                ? FIT
                : isolation.toUpperCase(Locale.ROOT)
                        + ", and messages can only be received at READ COMMITTED. Remove transactionIsolation from the pool"
                        + " (spring.datasource.hikari.transaction-isolation), or the default_transaction_isolation of the role"
                        + " or the database, and name the isolation where it is needed, as in @Transactional(isolation = …)";
    }
}
