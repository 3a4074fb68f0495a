package io.sqlmq.console;

import io.sqlmq.jms.Listen;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who is logged in, in memory only. One logs in as a role of the database, with its password, or with the token as the role that the console
 * was started with. Thread-safe.
 */
final class Sessions {
    private static final int MOST = 1_000;
    private static final int AT_ONCE = 4;
    private static final long FAILED_MILLIS = 500;
    private static final Set<String> ASKED = Set.of("scram-sha-256", "md5", "password", "ldap", "radius", "pam", "bsd");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SqlmqConnectionFactory factory;
    private final @Nullable String token;
    private final long idleMillis;
    private final ScheduledExecutorService timer;
    private final Map<String, Session> sessions = new HashMap<>();
    private final Map<String, Session> admitted = new HashMap<>();
    private final Map<String, Role> roles = new HashMap<>();
    private final Semaphore logins = new Semaphore(AT_ONCE);
    private boolean isClosed;

    Sessions(SqlmqConnectionFactory factory, @Nullable String token, Duration idle, ScheduledExecutorService timer) {
        this.factory = factory;
        this.token = token;
        this.idleMillis = idle.toMillis();
        this.timer = timer;
    }

    /** Not to be guessed. */
    static String random() {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    boolean hasPasswords() {
        return address() != null;
    }

    /** The URL without a role or password, which would count rather than those that are given; null if it is not known. */
    private @Nullable String address() {
        String url = factory.getUrl();
        if (url == null || !url.startsWith("jdbc:postgresql:")) {
            return null;
        }
        String[] parts = url.split("\\?", 2);
        String parameters = parts.length == 1
                ? ""
                : Arrays.stream(parts[1].split("&", -1))
                        .filter(parameter -> !parameter.matches("(?i)(user|password)(=.*)?"))
                        .collect(Collectors.joining("&"));
        return parameters.isEmpty() ? parts[0] : parts[0] + "?" + parameters;
    }

    /** Null if nobody is logged in by that identifier, any more. */
    synchronized @Nullable Session find(@Nullable String id) {
        Session session = id == null ? null : sessions.get(id);
        if (session != null) {
            if (session.isIdleSince(System.currentTimeMillis() - idleMillis)) {
                end(session);
                return null;
            }
            session.use(System.currentTimeMillis());
        }
        return session;
    }

    /** Whether it goes on; does not count as use. */
    synchronized boolean isAlive(Session session) {
        if (!session.isOver() && session.isIdleSince(System.currentTimeMillis() - idleMillis)) {
            end(session);
        }
        return !session.isOver();
    }

    synchronized void end(Session session) {
        if (sessions.remove(session.id()) != null) {
            admitted.values().remove(session);
            session.end();
            if (session.role().count(-1) == 0) {
                roles.values().remove(session.role());
                session.role().close();
            }
        }
    }

    synchronized long reads(String name) {
        return roles.values().stream()
                .filter(role -> role.name().equals(name))
                .mapToLong(role -> role.database().reads())
                .sum();
    }

    synchronized void endIdle() {
        long before = System.currentTimeMillis() - idleMillis;
        for (Session session : sessions.values().toArray(Session[]::new)) {
            if (session.isIdleSince(before)) {
                end(session);
            }
        }
    }

    /** And nobody comes in any more. */
    synchronized void close() {
        isClosed = true;
        for (Session session : sessions.values().toArray(Session[]::new)) {
            end(session);
        }
    }

    Session loginByToken(String given) throws InterruptedException {
        admitOne();
        try {
            if (token == null
                    || !MessageDigest.isEqual(
                            token.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8))) {
                Thread.sleep(FAILED_MILLIS);
                throw Refused.forbidden("That is not the token of this console.");
            }
        } finally {
            logins.release();
        }
        return beginAsFactory();
    }

    /** Those who guess wait, and not many of them at the same time. */
    private void admitOne() {
        if (!logins.tryAcquire()) {
            throw Refused.busy("Too many log in at the same time: try again.");
        }
    }

    /** The one session of a user whom the application around the console has let in. */
    synchronized Session of(String user) {
        Session known = admitted.get(user);
        Session session = known == null ? null : find(known.id());
        if (session == null) {
            session = beginAsFactory();
            admitted.put(user, session);
        }
        return session;
    }

    /** Of whoever has the token, or is let in by the application. */
    Session beginAsFactory() {
        String user = factory.getOptions().getUser();
        String name = user == null ? "the application" : user;
        return begin("\0factory", () -> asFactory(name), null);
    }

    /** Looks by connections of its own: whoever borrows from the pool of a factory keeps the planner from being pinned there. */
    private Role asFactory(String name) {
        String url = factory.getUrl();
        return url == null
                ? new Role(name, null, factory, factory, false, timer)
                : new Role(
                        name,
                        null,
                        factory,
                        beside(
                                url,
                                factory.getOptions().getUser(),
                                factory.getOptions().getPassword()),
                        true,
                        timer);
    }

    private Role byPassword(String user, String password) {
        SqlmqConnectionFactory own = beside(String.valueOf(address()), user, password);
        return new Role(user, password, own, own, true, timer);
    }

    Session loginByPassword(String user, String password) throws InterruptedException {
        if (!hasPasswords()) {
            throw Refused.forbidden("This console knows no address of the database: log in with the token.");
        }
        admitOne();
        try {
            check(user, password);
        } catch (SQLException e) {
            Thread.sleep(FAILED_MILLIS);
            throw Refused.forbidden("The database does not let " + user + " in: " + e.getMessage());
        } finally {
            logins.release();
        }
        return begin(user, () -> byPassword(user, password), password);
    }

    /** On the same database, with what concerns the way there; what concerns messages is for applications. */
    private SqlmqConnectionFactory beside(String url, @Nullable String user, @Nullable String password) {
        SqlmqOptions known = factory.getOptions();
        SqlmqConnectionFactory made = new SqlmqConnectionFactory(url);
        SqlmqOptions options = made.getOptions();
        if (user != null) {
            options.setUser(user);
        }
        if (password != null) {
            options.setPassword(password);
        }
        options.setSchema(known.getSchema());
        options.setPgBouncer(known.isPgBouncer());
        options.setListen(Listen.OFF);
        options.setSchemaManagement(SchemaManagement.NONE);
        options.setMaximumPoolSize(4);
        if (!options.getDriverParameters().containsKey("ApplicationName")) {
            options.setApplicationName("sqlmq-console");
        }
        return made;
    }

    private interface Making {
        Role make();
    }

    private synchronized Session begin(String key, Making making, @Nullable String password) {
        if (isClosed) {
            throw Refused.busy("The console has ended.");
        }
        if (sessions.size() >= MOST) {
            throw Refused.busy("Too many are logged in.");
        }
        Role role = roles.get(key);
        if (role == null || (password != null && !role.hasPassword(password))) {
            role = making.make();
            roles.put(key, role);
        }
        Session session = new Session(random(), random(), role, System.currentTimeMillis());
        role.count(1);
        role.watch().expectNews();
        sessions.put(session.id(), session);
        return session;
    }

    /** That the server asks for a password and takes this one: else whoever reaches the console could be any role. */
    private void check(String user, String password) throws SQLException {
        String method;
        try (Connection connection = connect(user, password);
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT CASE WHEN current_setting('server_version_num')::int >= 160000 THEN coalesce((xpath('/row/u/text()',"
                                + " query_to_xml('SELECT system_user AS u', false, true, '')))[1]::text, 'trust') END");
                ResultSet row = statement.executeQuery()) {
            row.next();
            method = row.getString(1);
        }
        if (method == null ? letsAnybodyIn(user) : !ASKED.contains(method.split(":", 2)[0])) {
            throw new SQLException(
                    "its pg_hba.conf does not ask this role for a password from here; the console's token works without");
        }
    }

    private boolean letsAnybodyIn(String user) {
        try {
            connect(user, random()).close();
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    private Connection connect(String user, String password) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("ApplicationName", "sqlmq-console");
        return DriverManager.getConnection(String.valueOf(address()), properties);
    }
}
