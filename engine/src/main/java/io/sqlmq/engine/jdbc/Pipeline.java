package io.sqlmq.engine.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * Several statements in one round trip. The driver sends them without waiting in between; when one fails, those after it
 * are not run. Not thread-safe, used once.
 */
public final class Pipeline {

    /** Sets the parameters of one statement, {@code next()} giving their positions. */
    @FunctionalInterface
    public interface Binder {
        void bind(Parameters parameters) throws SQLException;
    }

    /** Reads the result of one statement. */
    @FunctionalInterface
    public interface Reader {
        void read(ResultSet rows) throws SQLException;
    }

    private record Step(@Nullable Binder binder, @Nullable Reader reader) {}

    private final StringBuilder sql = new StringBuilder(512);
    private final List<Step> steps = new ArrayList<>(6);

    public Pipeline add(String statement) {
        return step(statement, null, null);
    }

    public Pipeline add(String statement, Binder binder) {
        return step(statement, binder, null);
    }

    public Pipeline query(String statement, Binder binder, Reader reader) {
        return step(statement, binder, reader);
    }

    private Pipeline step(String statement, @Nullable Binder binder, @Nullable Reader reader) {
        if (!steps.isEmpty()) {
            sql.append(";\n");
        }
        sql.append(statement);
        steps.add(new Step(binder, reader));
        return this;
    }

    public int size() {
        return steps.size();
    }

    public boolean isEmpty() {
        return steps.isEmpty();
    }

    /**
     * Has the server plan it once, and not at each of the first uses as well; unless nothing is to be prepared at the server, behind a
     * pooler. They are the same statements again and again, and to plan one takes as long as to run it many times.
     */
    private static void prepareAtOnce(PreparedStatement statement) throws SQLException {
        if (statement.isWrapperFor(PGStatement.class)) {
            PGStatement driver = statement.unwrap(PGStatement.class);
            if (driver.getPrepareThreshold() > 1) {
                driver.setPrepareThreshold(1);
            }
        }
    }

    public void run(Connection connection) throws SQLException {
        Silence.@Nullable Call call = Silence.begin(connection);
        try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            statement.setFetchSize(0); // a cursor of the connection's default would end with our COMMIT
            prepareAtOnce(statement);
            Parameters parameters = new Parameters(connection, statement);
            for (Step step : steps) {
                if (step.binder() != null) {
                    step.binder().bind(parameters);
                }
            }
            if (call != null) {
                call.sends(parameters.size());
            }
            boolean rows = statement.execute();
            for (Step step : steps) {
                if (rows && step.reader() != null) {
                    try (ResultSet result = statement.getResultSet()) {
                        step.reader().read(result);
                    }
                }
                rows = statement.getMoreResults();
            }
        } catch (OutOfMemoryError e) {
            throw new SQLException("What the server sent is more than the heap can hold", Failures.OUT_OF_MEMORY, e);
        } finally {
            if (call != null) {
                call.ends();
            }
        }
    }
}
