package io.sqlmq.jms.internal;

import io.sqlmq.engine.Audiences;
import io.sqlmq.engine.ConnectionSource;
import io.sqlmq.engine.Engine;
import io.sqlmq.engine.EngineOptions;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.message.MessageCodec;
import io.sqlmq.message.TrustedClasses;
import io.sqlmq.schema.Migrator;
import io.sqlmq.schema.SchemaException;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The engines of a connection factory: one for each role. The first makes sure of the tables. {@code this} guards the
 * map.
 */
public final class Engines implements AutoCloseable {
    private final SqlmqOptions options;
    private final DataSources dataSources;
    private final Map<Role, Engine> byRole = new HashMap<>();
    private final Audiences audiences;
    private boolean schemaChecked;
    private boolean closed;

    /** No connection is opened yet. */
    public Engines(SqlmqOptions options, DataSources dataSources) {
        this.options = options;
        this.dataSources = dataSources;
        MessageCodec codec = new MessageCodec(TrustedClasses.of(options.getTrustedPackages()));
        SubscriptionSelectors selectors = new SubscriptionSelectors();
        audiences = (message, senders) -> new Audience(senders, selectors, codec, message);
    }

    /**
     * The engine of a role; null and null is the default role.
     *
     * @param inTransaction whether the calling thread holds a connection of the application's DataSource: then nothing is
     *     checked that needs another, which may be one too many
     */
    public Engine engine(@Nullable String user, @Nullable String password, boolean inTransaction) throws JMSException {
        Role role = dataSources.role(user, password, inTransaction);
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("The connection factory is closed.", "CLOSED");
            }
            Engine engine = byRole.get(role);
            if (engine == null || !(schemaChecked || inTransaction)) {
                if (inTransaction) {
                    // A later connection checks; until then a missing table is told by the statement that needs it.
                    return uncheckedEngine(role);
                }
                requireSchema(role);
                engine = uncheckedEngine(role);
            }
            return engine;
        }
    }

    private Engine uncheckedEngine(Role role) {
        return byRole.computeIfAbsent(
                role, r -> new Engine(engineOptions(), new RoleConnections(r, options.isListening()), audiences));
    }

    private void requireSchema(Role role) throws JMSException {
        SchemaManagement management = options.getSchemaManagement();
        if (schemaChecked) {
            return;
        }
        Migrator migrator = new Migrator(role.windows(), options.getSchema());
        try {
            switch (management) {
                case MIGRATE -> migrator.migrate();
                case VALIDATE -> migrator.validate();
                // Whatever the tables are, they must not be another schema's.
                case NONE -> migrator.validateName();
            }
        } catch (SchemaException e) {
            throw JmsErrors.from(e);
        }
        schemaChecked = true;
    }

    private EngineOptions engineOptions() {
        String prefix = options.getDeadLetterQueuePrefix();
        String expiredTo =
                !options.isDeadLetterExpired() ? null : prefix == null ? options.getDeadLetterQueue() : prefix;
        return new EngineOptions(
                options.getSchema(),
                options.isListening(),
                !options.isAckSync(),
                Duration.ofMillis(options.getLeaseAfter()),
                Duration.ofMillis(options.getLeaseTime()),
                Duration.ofMillis(options.isOptimizeAcknowledge() ? 50 : 1),
                200,
                options.isNotifyJoined(),
                Duration.ofMillis(options.getReconnectGrace()),
                Duration.ofMillis(options.getConnectionTimeout()),
                Duration.ofMillis(options.getTransactionTimeout()),
                expiredTo,
                prefix != null,
                options.getApplicationName());
    }

    @Override
    public synchronized void close() {
        closed = true;
        byRole.values().forEach(Engine::close);
        byRole.clear();
    }

    private record RoleConnections(Role role, boolean listens) implements ConnectionSource {
        @Override
        public Connection take() throws SQLException {
            return role.windows().getConnection();
        }

        @Override
        public Connection takeForSend() throws SQLException {
            return role.senders().getConnection();
        }

        @Override
        public Connection takeForBranch() throws SQLException {
            return role.branches().getConnection();
        }

        @Override
        public void reconnected() {
            role.dropIdleConnections();
        }

        @Override
        public @Nullable Connection openForListen() throws SQLException {
            return listens && role.canSpareConnection() ? role.openConnection() : null;
        }
    }
}
