package io.sqlmq.jms.internal.errors;

import jakarta.jms.JMSException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Calls into the engine with its SQLExceptions told as JMSExceptions; {@code what} begins the text. Where nothing else is said, a
 * role needs {@link Right#RECEIVE} for it.
 */
public final class ExceptionTranslation {
    private ExceptionTranslation() {}

    /** A call that returns something. */
    @FunctionalInterface
    public interface Call<T extends @Nullable Object> {
        public T call() throws SQLException, JMSException;
    }

    /** A call that returns nothing. */
    @FunctionalInterface
    public interface Action {
        public void run() throws SQLException, JMSException;
    }

    public static <T extends @Nullable Object> T call(String what, Call<T> call) throws JMSException {
        return call(Right.RECEIVE, what, call);
    }

    public static <T extends @Nullable Object> T call(Right right, String what, Call<T> call) throws JMSException {
        try {
            return call.call();
        } catch (SQLException e) {
            throw JmsErrors.from(right, what, e);
        }
    }

    public static void run(String what, Action action) throws JMSException {
        run(Right.RECEIVE, what, action);
    }

    public static void run(Right right, String what, Action action) throws JMSException {
        try {
            action.run();
        } catch (SQLException e) {
            throw JmsErrors.from(right, what, e);
        }
    }
}
