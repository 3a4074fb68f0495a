package io.sqlmq.console;

import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** A role of the database that somebody is logged in as. All of its sessions share what it sees; no other role does. */
final class Role {
    private final String name;
    private final @Nullable String password;
    private final SqlmqConnectionFactory acting;
    private final SqlmqConnectionFactory looking;
    private final boolean isOwned;
    private final Database database;
    private final Watch watch;
    private int sessions;

    /**
     * A role.
     *
     * @param password null for that of the token
     * @param acting for what is done
     * @param looking for what is seen: its pool is used as if it was the application's
     * @param isOwned whether the latter is closed with the last session
     */
    Role(
            String name,
            @Nullable String password,
            SqlmqConnectionFactory acting,
            SqlmqConnectionFactory looking,
            boolean isOwned,
            ScheduledExecutorService timer) {
        this.name = name;
        this.password = password;
        this.acting = acting;
        this.looking = looking;
        this.isOwned = isOwned;
        this.database = new Database(looking);
        this.watch = new Watch(database, timer);
    }

    String name() {
        return name;
    }

    boolean hasPassword(String other) {
        return other.equals(password);
    }

    SqlmqConnectionFactory acting() {
        return acting;
    }

    SqlmqConnectionFactory looking() {
        return looking;
    }

    SqlmqAdmin admin() {
        return acting.admin();
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
            looking.close();
        }
    }
}
