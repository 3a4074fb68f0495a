package io.sqlmq.console;

import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** A role of the database that somebody is logged in as. All of its sessions share what it sees; no other role does. */
final class Role {
    private final String name;
    private final @Nullable String password;
    private final SqlmqConnectionFactory factory;
    private final boolean isOwned;
    private final Database database;
    private final Watch watch;
    private int sessions;

    /**
     * A role.
     *
     * @param password null for that of the token
     * @param isOwned whether the factory is closed with the last session
     */
    Role(
            String name,
            @Nullable String password,
            SqlmqConnectionFactory factory,
            boolean isOwned,
            ScheduledExecutorService timer) {
        this.name = name;
        this.password = password;
        this.factory = factory;
        this.isOwned = isOwned;
        this.database = new Database(factory);
        this.watch = new Watch(database, timer);
    }

    String name() {
        return name;
    }

    boolean hasPassword(String other) {
        return other.equals(password);
    }

    SqlmqConnectionFactory factory() {
        return factory;
    }

    SqlmqAdmin admin() {
        return factory.admin();
    }

    Database database() {
        return database;
    }

    Watch watch() {
        return watch;
    }

    /** One session more, or less; returns how many there are. Guarded by whoever has the roles. */
    int count(int more) {
        sessions += more;
        return sessions;
    }

    void close() {
        watch.close();
        if (isOwned) {
            factory.close();
        }
    }
}
