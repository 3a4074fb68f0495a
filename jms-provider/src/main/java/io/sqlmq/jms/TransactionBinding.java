package io.sqlmq.jms;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells a session whether the calling thread is inside a database transaction of the application. If so, what the
 * session sends and receives takes part in that transaction: it is committed and rolled back with it and by nobody
 * else. Asked at each operation, never when a session is created, so that sessions can be cached across transactions.
 *
 * <p>Implementations must be thread-safe. Message listeners run on threads of their own and never ask.
 */
@FunctionalInterface
public interface TransactionBinding {

    /** Never bound: only transactions joined by {@link SqlmqTransactions#join} are seen. */
    TransactionBinding NONE = () -> null;

    /**
     * The transaction of the calling thread, or null when there is none.
     *
     * @throws SQLException when the database could not be asked
     */
    @Nullable
    BoundTransaction current() throws SQLException;

    /** How a transaction ended. */
    enum Status {
        /** Its work is durable. */
        COMMITTED,
        /** Its work is undone. */
        ROLLED_BACK,
        /** Nobody could tell, for example because the connection broke. */
        UNKNOWN
    }

    /** One use of a transaction of the application, by the thread that asked for it. */
    interface BoundTransaction {

        /** The same object (by equals) for every use of the same transaction. */
        Object key();

        /** The connection on which the transaction runs. It is neither committed, rolled back nor closed. */
        Connection connection();

        /** Runs {@code action} before the transaction commits. A binding that cannot tell never runs it. */
        default void beforeCommit(Runnable action) {}

        /** Calls {@code action} when the transaction has ended. A binding that cannot tell never calls it. */
        default void afterCompletion(Consumer<Status> action) {}

        /**
         * Calls {@code action} when the transaction is rolled back to a savepoint; from then on messages that it had received may be back.
         * A binding that cannot tell never calls it.
         *
         * @return whether it can tell
         */
        default boolean onRollbackToSavepoint(Runnable action) {
            return false;
        }

        /** Ends this use: a connection that was borrowed for it goes back. The transaction goes on. */
        default void release() throws SQLException {}
    }
}
