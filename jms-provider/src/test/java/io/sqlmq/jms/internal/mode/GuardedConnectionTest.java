package io.sqlmq.jms.internal.mode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuardedConnectionTest {
    private final List<String> calls = new ArrayList<>();
    private final Savepoint savepoint = proxy(Savepoint.class);
    private final Connection target = proxy(Connection.class);
    private final GuardedConnection guarded = new GuardedConnection(target);

    @Test
    void nothingThatEndsTheTransactionGetsThrough() throws SQLException {
        Connection connection = guarded.proxy();

        assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class).hasMessageContaining("session");
        assertThatThrownBy(connection::rollback).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> connection.setAutoCommit(true)).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> connection.abort(Runnable::run)).isInstanceOf(SQLException.class);
        connection.setAutoCommit(false);
        connection.close();

        assertThat(calls).isEmpty();
    }

    @Test
    void savepointsAndUnwrapWork() throws SQLException {
        Connection connection = guarded.proxy();

        connection.rollback(savepoint);
        connection.releaseSavepoint(savepoint);

        assertThat(calls).containsExactly("rollback", "releaseSavepoint");
        assertThat(connection.isWrapperFor(Connection.class)).isTrue();
        assertThat(connection.unwrap(Connection.class)).isSameAs(target);
    }

    @Test
    void theHandleDiesWithTheTransaction() throws SQLException {
        Connection connection = guarded.proxy();
        guarded.end();

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.isValid(1)).isFalse();
        assertThatThrownBy(connection::createStatement).isInstanceOf(SQLException.class);
        connection.close();
        assertThat(calls).isEmpty();
    }

    private <T> T proxy(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    calls.add(method.getName());
                    return null;
                }));
    }
}
