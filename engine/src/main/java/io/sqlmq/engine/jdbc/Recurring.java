package io.sqlmq.engine.jdbc;

import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that an engine does by itself, again and again. What fails is tried again at its time and takes nothing else along. The
 * log tells of what fails twice in a row, once, and once more when it works again; an outage of the database is not counted,
 * since there is a line for that. What a role that only sends may not do is no fault: those that receive do it. Thread-safe.
 */
public final class Recurring {

    private static final Logger LOG = LoggerFactory.getLogger(Recurring.class);

    private final Database database;
    private final String schema;
    private final Map<String, Boolean> failing = new ConcurrentHashMap<>();
    private final AtomicBoolean leftToOthers = new AtomicBoolean();

    public Recurring(Database database, String schema) {
        this.database = database;
        this.schema = schema;
    }

    /** Something that is repeated. */
    public interface Work {
        void run() throws SQLException;
    }

    /**
     * Does it now, unless the database is away.
     *
     * @param what to be read before "fails"; always the same for the same work
     */
    public void run(String what, Work work) {
        if (database.isDown()) {
            return;
        }
        try {
            work.run();
            succeeded(what);
        } catch (SQLException | RuntimeException e) {
            failed(what, e);
        }
    }

    /** What is done for each of several things. */
    public interface Each<T> {
        void run(T one) throws SQLException;
    }

    /** Does it for all of them; where it fails, for the others all the same. */
    public static <T> void each(Iterable<T> all, Each<T> work) throws SQLException {
        SQLException first = null;
        for (T one : all) {
            try {
                work.run(one);
            } catch (SQLException e) {
                if (Failures.tellsOfLoss(e)) {
                    throw e;
                }
                if (first == null) {
                    first = e;
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Whether anything has failed the last time. */
    public boolean isAnythingFailing() {
        return !failing.isEmpty();
    }

    /** It worked. */
    public void succeeded(String what) {
        if (Boolean.TRUE.equals(failing.remove(what))) {
            LOG.info("In the schema {}: {} works again", schema, what);
        }
    }

    /** It failed, and will be tried again. */
    public void failed(String what, Exception e) {
        if (database.isDown()
                || database.isClosed()
                || (e instanceof SQLException lost && Failures.tellsOfLoss(lost))) {
            LOG.debug("{} fails; it will be tried again", what, e);
            return;
        }
        Boolean told = failing.putIfAbsent(what, false);
        if (told == null) {
            LOG.debug("{} fails; it will be tried again", what, e);
        } else if (!told && failing.replace(what, false, true)) {
            tell(what, e);
        }
    }

    private void tell(String what, Exception e) {
        if (e instanceof SQLException refused
                && Failures.MISSING_RIGHT.equals(refused.getSQLState())
                && !mayReceive()) {
            if (leftToOthers.compareAndSet(false, true)) {
                LOG.info(
                        "In the schema {}: upkeep, such as {}, is left to processes whose roles may receive, as that of this"
                                + " one may not",
                        schema,
                        what);
            }
        } else {
            LOG.error(
                    "In the schema {}: {} fails again and again, now with: {}. It is tried on; nothing else waits for it",
                    schema,
                    what,
                    e.getMessage(),
                    e);
        }
    }

    private boolean mayReceive() {
        try {
            return database.number(Statements.MAY_RECEIVE, p -> p.text(schema)) == 1;
        } catch (SQLException e) {
            LOG.debug("What the role may do could not be asked", e);
            return true;
        }
    }
}
