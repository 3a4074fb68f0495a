package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Session;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.component.jms.DestinationEndpoint;
import org.springframework.jms.listener.AbstractMessageListenerContainer;

/**
 * Stops the start of routes that could not work, for what does not pass by itself; otherwise they would fail every five seconds or with
 * each message, and look as if they worked. What passes, as an outage does, routes wait for. Thread-safe.
 */
final class StartCheck {
    /** What does not pass, by the error code: the SQLSTATE, or what is wrong with the tables or a subscription. */
    private static final Set<String> LASTING = Set.of(
            "3D000", // no such database
            "3F000", // no such schema
            "42P01", // no such table
            "42883", // no such function
            "25006", // read-only
            "READ_ONLY",
            "MISSING",
            "OUTDATED",
            "NEWER",
            "CHANGED",
            "RENAMED",
            "REPLACED",
            "FAILED",
            "NO_MIGRATION_TOOL",
            "UNSUPPORTED_SERVER",
            "CLIENT_ID");

    /** Whether the database answered. Each is asked once: where it is away, a pool may wait long before it says so. */
    private final Map<SqlmqConnectionFactory, Boolean> asked = new ConcurrentHashMap<>();

    /** Those whose role may receive. */
    private final Set<SqlmqConnectionFactory> receiving = ConcurrentHashMap.newKeySet();

    /**
     * Asks for the database and its tables.
     *
     * @return whether it answered
     * @throws SqlmqStartException if nothing can work on it
     */
    boolean requireDatabase(SqlmqEndpoint endpoint, SqlmqConnectionFactory factory) {
        Boolean known = asked.get(factory);
        if (known != null) {
            return known;
        }
        boolean answered = passes(endpoint + " cannot work on the database. ", factory::checkHealth);
        asked.put(factory, answered);
        return answered;
    }

    /**
     * Does what the consumer of a route does before it receives, and takes nothing.
     *
     * @throws SqlmqStartException if it could not
     */
    void requireReceiving(
            SqlmqEndpoint from, SqlmqConnectionFactory factory, AbstractMessageListenerContainer container) {
        String what = "The route from " + from + " cannot receive. ";
        if (!mayReceive(what, from, factory)) {
            return;
        }
        // A temporary destination would end with the connection of the check.
        if (container instanceof SqlmqMessageListenerContainer own && !(from instanceof DestinationEndpoint)) {
            passes(what, () -> own.checkSetup(factory.getOptions().isAutoCreate()));
        }
    }

    /**
     * The same for what a step of a route polls.
     *
     * @throws SqlmqStartException if it could not
     */
    void requirePolling(SqlmqEndpoint polled, SqlmqConnectionFactory factory) {
        String what = "A step that polls " + polled + " cannot receive. ";
        if (mayReceive(what, polled, factory)) {
            passes(what, polled::checkPolling);
        }
    }

    /** False: the database is away. */
    private boolean mayReceive(String what, SqlmqEndpoint from, SqlmqConnectionFactory factory) {
        if (!requireDatabase(from, factory)) {
            return false;
        }
        if (!receiving.contains(factory) && passes(what, () -> receiveNothing(factory))) {
            receiving.add(factory);
        }
        return true;
    }

    /** Receives where nothing is, which needs the same rights. */
    private static void receiveNothing(SqlmqConnectionFactory factory) throws JMSException {
        try (Connection connection = factory.createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            session.createConsumer(session.createTemporaryQueue()).receiveNoWait();
        }
    }

    /** What is tried. */
    @FunctionalInterface
    private interface Attempt {
        void run() throws JMSException;
    }

    /** False: it failed for now. */
    private static boolean passes(String what, Attempt attempt) {
        try {
            attempt.run();
            return true;
        } catch (JMSException e) {
            if (isLasting(e)) {
                String said = String.valueOf(e.getMessage());
                throw new SqlmqStartException(what + said + (said.endsWith(".") ? "" : "."), advice(e), e);
            }
            return false;
        }
    }

    private static boolean isLasting(JMSException e) {
        return e instanceof JMSSecurityException
                || e instanceof InvalidSelectorException
                || e instanceof InvalidDestinationException
                || (LASTING.contains(code(e)) && !(e instanceof InvalidClientIDException));
    }

    private static String advice(JMSException e) {
        if (code(e).equals("42501")) {
            return "Or connect as a role that may receive, or do not start the route here (autoStartup)";
        }
        return code(e).equals("CLIENT_ID")
                ? "Here that is the option clientId; with subscriptionShared=true none is needed"
                : "";
    }

    private static String code(JMSException e) {
        return Objects.requireNonNullElse(e.getErrorCode(), "");
    }
}
