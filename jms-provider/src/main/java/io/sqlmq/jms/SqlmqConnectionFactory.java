package io.sqlmq.jms;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.EngineListener;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.jms.access.EngineAccess;
import io.sqlmq.jms.internal.client.Domain;
import io.sqlmq.jms.internal.client.SqlmqConnection;
import io.sqlmq.jms.internal.context.SqlmqContext;
import io.sqlmq.jms.internal.context.SqlmqXaContext;
import io.sqlmq.jms.internal.errors.Unchecked;
import io.sqlmq.jms.internal.factory.AdminCalls;
import io.sqlmq.jms.internal.factory.EngineCalls;
import io.sqlmq.jms.internal.factory.Engines;
import io.sqlmq.jms.internal.factory.FactoryResources;
import io.sqlmq.jms.internal.factory.Holdings;
import io.sqlmq.jms.internal.management.Management;
import io.sqlmq.jms.internal.pool.DataSources;
import io.sqlmq.jms.internal.pool.SpringPresence;
import io.sqlmq.jms.internal.settings.ConnectionSettings;
import io.sqlmq.jms.internal.xa.SqlmqXaConnection;
import io.sqlmq.jms.spi.EmbeddedDatabase;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnection;
import jakarta.jms.TopicConnection;
import jakarta.jms.XAConnection;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XAQueueConnection;
import jakarta.jms.XAQueueConnectionFactory;
import jakarta.jms.XATopicConnection;
import jakarta.jms.XATopicConnectionFactory;
import java.io.InvalidObjectException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import javax.naming.NamingException;
import javax.naming.OperationNotSupportedException;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections (§6.1.1) whose broker is a PostgreSQL database. One factory per application and database is enough: it
 * holds the pools of database connections and one LISTEN connection, which all its connections and sessions share;
 * {@link #close()} ends them. Those of a factory that was dropped without it end when it is garbage, with a warning. Thread-safe
 * once the options are set.
 *
 * <pre>{@code
 * try (var factory = new SqlmqConnectionFactory("jdbc:postgresql://localhost/shop?user=shop&sqlmq.schema=mq")) {
 *     ...
 * }
 * }</pre>
 *
 * <p>For global transactions (XA), {@code createXAConnection} and {@code createXAContext} need the server's setting {@code
 * max_prepared_transactions} to be above 0.
 *
 * <p>Options are parameters of the URL with the prefix {@code sqlmq.}, or setters of {@link #getOptions()} before the
 * first connection; docs/configuration.md lists them.
 */
public final class SqlmqConnectionFactory
        implements ConnectionFactory,
                XAQueueConnectionFactory,
                XATopicConnectionFactory,
                Referenceable,
                Serializable,
                AutoCloseable {

    private static final long serialVersionUID = 1L;

    /** The beginning of URLs of embedded databases, which the module sqlmq-embedded provides. */
    private static final String EMBEDDED = "sqlmq:embedded";

    /** The name of the class that makes objects of references. */
    private static final String OBJECT_FACTORY = "io.sqlmq.jms.jndi.SqlmqObjectFactory";

    // All transient: what is serialized is a SerializedFactory.
    private final transient @Nullable DataSource given;
    private final transient FactoryResources resources = new FactoryResources();
    private final transient SqlmqOptions options;
    private final transient EngineListeners listeners = new EngineListeners();
    private transient @Nullable TransactionBinding binding;
    private transient @Nullable MessageTracer tracer;
    private transient @Nullable DataSource upkeep;
    private transient @Nullable EmbeddedDatabase embedded;
    private transient @Nullable String embeddedUrl;
    private transient @Nullable Started started;
    private transient boolean closed;

    /** What exists from the first connection on. */
    private record Started(
            FactoryResources resources,
            DataSources dataSources,
            Engines engines,
            ConnectionSettings settings,
            Holdings holdings) {}

    /**
     * A factory for the database at {@code url}. Nothing connects yet.
     *
     * @param url {@code jdbc:postgresql://…} with the driver's own parameters and those of sqlmq, or {@code
     *     sqlmq:embedded}, optionally with a name, for a database that is started with the application
     * @throws IllegalArgumentException if a parameter is unknown, impossible or contradicts another
     */
    public SqlmqConnectionFactory(String url) {
        this();
        setUrl(url);
    }

    /**
     * As {@link #SqlmqConnectionFactory(String)}, with a copy of these options. What they set counts, whatever the URL says.
     *
     * @throws IllegalArgumentException also if the options have a URL of their own
     */
    public SqlmqConnectionFactory(String url, SqlmqOptions options) {
        this();
        if (options.getUrl() != null) {
            throw new IllegalArgumentException("The options have a URL of their own; give one of both");
        }
        takeUrl(url);
        options.texts().forEach(this.options::set);
        this.options.validate();
    }

    /** A factory that gets its URL by {@link #setUrl}, as beans in XML do. */
    public SqlmqConnectionFactory() {
        given = null;
        options = new SqlmqOptions();
    }

    /**
     * Sets the database, as {@link #SqlmqConnectionFactory(String)} does. Options that were set before stay where the URL
     * does not name them.
     *
     * @throws IllegalArgumentException if a parameter is unknown, impossible or contradicts another
     * @throws java.lang.IllegalStateException if a connection has been made, or this factory was given a DataSource
     */
    public synchronized void setUrl(String url) {
        Objects.requireNonNull(url, "url");
        if (given != null) {
            throw new java.lang.IllegalStateException(
                    "The connection factory was given a DataSource, which has its URL");
        }
        if (started != null) {
            throw new java.lang.IllegalStateException("The URL must be set before the first connection is made");
        }
        takeUrl(url);
        options.validate();
    }

    private void takeUrl(String url) {
        if (url.startsWith(EMBEDDED)) {
            // The database starts with the first connection; only its existence is asked for here.
            embedded = embedded(url);
            embeddedUrl = url;
        } else {
            getOptions().setUrl(url);
            embedded = null;
            embeddedUrl = null;
        }
    }

    /** The URL without the options of sqlmq; null if there is none. It may hold a password. */
    public synchronized @Nullable String getUrl() {
        return ownUrl();
    }

    /** {@link #setUrl}, by the name that it has in ActiveMQ: the URL is one of a database all the same. */
    public void setBrokerURL(String url) {
        setUrl(url);
    }

    /** {@link #getUrl}, by the name that it has in ActiveMQ. */
    public @Nullable String getBrokerURL() {
        return getUrl();
    }

    /**
     * A factory over the application's own DataSource, which stays the application's to close. Sessions used inside a
     * transaction on that DataSource, as Spring's transaction managers run them, take part in it when a {@linkplain
     * #setTransactionBinding binding} is set, which by default it is if Spring is there.
     */
    public SqlmqConnectionFactory(DataSource dataSource) {
        this(dataSource, new SqlmqOptions());
    }

    /**
     * As {@link #SqlmqConnectionFactory(DataSource)}, with a copy of these options.
     *
     * @throws IllegalArgumentException if options contradict each other, or name a URL or a user, which are the DataSource's
     */
    public SqlmqConnectionFactory(DataSource dataSource, SqlmqOptions options) {
        this.given = Objects.requireNonNull(dataSource, "dataSource");
        this.options = options.copy();
        this.options.validate();
        DataSources.checkGiven(this.options);
        this.binding = defaultBinding(dataSource);
    }

    /**
     * Spring's transactions if Spring is there; else none, since asking an ordinary DataSource would cost a connection for
     * each operation ({@link DataSourceTransactionBinding}).
     */
    private static TransactionBinding defaultBinding(DataSource dataSource) {
        return SpringPresence.isThere() ? new SpringTransactionBinding(dataSource) : TransactionBinding.NONE;
    }

    private static EmbeddedDatabase embedded(String url) {
        return ServiceLoader.load(EmbeddedDatabase.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(database -> database.accepts(url))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "The URL " + url + " needs the embedded database: add the dependency io.sqlmq:sqlmq-embedded"));
    }

    /** The options; they can be set until the first connection is made. */
    public SqlmqOptions getOptions() {
        return options;
    }

    /**
     * How sessions find the transactions of the application that they take part in.
     *
     * @throws java.lang.IllegalStateException if a connection has been made
     */
    public synchronized void setTransactionBinding(TransactionBinding binding) {
        if (started != null) {
            throw new java.lang.IllegalStateException(
                    "The transaction binding must be set before the first connection is made");
        }
        this.binding = Objects.requireNonNull(binding, "binding");
    }

    /** Adds a listener to what happens in this process, for metrics; at any time. A factory that is serialized loses it. */
    public void addListener(EngineListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    /** Forgets a listener. */
    public void removeListener(EngineListener listener) {
        listeners.remove(listener);
    }

    /**
     * Sets who follows messages from senders to consumers. A factory that is serialized loses it.
     *
     * @throws java.lang.IllegalStateException if a connection has been made
     */
    public synchronized void setMessageTracer(MessageTracer tracer) {
        if (started != null) {
            throw new java.lang.IllegalStateException("The tracer must be set before the first connection is made");
        }
        this.tracer = Objects.requireNonNull(tracer, "tracer");
    }

    /** What its connections hold now. No SQL, and nothing starts by it. */
    public FactoryState state() {
        Started running;
        synchronized (this) {
            running = started;
        }
        return running == null
                ? new FactoryState(0, 0, 0, false, List.of())
                : running.engines().state();
    }

    /**
     * Where the one or two connections come from that a factory over a DataSource keeps: for LISTEN, and for what it does by itself
     * every second. By default they are opened beside the pool, if it is one of HikariCP that has a URL of PostgreSQL, with the user
     * and the password that it has at that moment; else they are connections of the pool. The application's own DataSource says
     * that they are to be so in any case.
     *
     * @param upkeep leads to the same database, as a role with the same rights. It stays the application's to close
     * @throws java.lang.IllegalStateException if a connection has been made, or this factory was not given a DataSource
     */
    public synchronized void setUpkeepDataSource(DataSource upkeep) {
        if (given == null) {
            throw new java.lang.IllegalStateException("A connection factory with a URL opens its connections itself");
        }
        if (started != null) {
            throw new java.lang.IllegalStateException(
                    "The DataSource for upkeep must be set before the first connection is made");
        }
        this.upkeep = Objects.requireNonNull(upkeep, "upkeep");
    }

    /**
     * The DataSource that this factory was given; of a factory with a URL the pool whose connections its sessions use.
     * Transaction managers look for it. The pool is made by this call, without connecting, so that options cannot be set any
     * more after it.
     *
     * @throws IllegalArgumentException if options contradict each other
     * @throws java.lang.IllegalStateException if the factory has a pool of its own and is closed
     */
    public DataSource getDataSource() {
        return given != null ? given : start().dataSources().dataSource();
    }

    /**
     * A DataSource for the SQL of transacted sessions. {@code getConnection()} returns the connection of a session's transaction
     * on the thread that runs the session's listener, and on one that has received or sent in the session, from then on until
     * {@code commit()} or {@code rollback()}. See {@link SqlmqTransactions} for what that connection may do.
     *
     * <p>On other threads, and where nothing has been received or sent since the last transaction ended, the connection is one of
     * {@link #getDataSource()}, in auto-commit mode if that DataSource's are. Nothing but {@code close()} ends its use.
     */
    public DataSource transactionDataSource() {
        return resources.transactionDataSource(this::getDataSource);
    }

    /**
     * For health checks: asks the database whether it takes work, by one statement, and checks the tables as the first
     * connection does. Returns after a few seconds at the latest, once a first connection was made. {@code
     * getMetaData().getJMSProviderName()} of a connection asks as well; to create and start one does not.
     *
     * @throws JMSException if the database cannot be reached, does not answer, or is read-only
     */
    public void checkHealth() throws JMSException {
        resources.checkHealth(startForConnection(null).engines().engine(null, null, false));
    }

    /**
     * For health checks: whether this factory hears notifications, on connections of its own or not, and whether the database is
     * away. Asks nothing once a first connection was made; before that it does as that would.
     *
     * @throws JMSException if a first connection cannot be made
     */
    public DatabaseReach reach() throws JMSException {
        return startForConnection(null).engines().reach();
    }

    /**
     * The version of the tables, as of the newest migration that was applied; null if there was none. Asks the database.
     *
     * @throws JMSException if it cannot be reached
     */
    public @Nullable String schemaVersion() throws JMSException {
        return startForConnection(null).engines().schemaVersion();
    }

    /** Looks into queues and moves messages about. Nothing happens, and options can still be set, until it is asked for something. */
    public SqlmqAdmin admin() {
        return new SqlmqAdmin(() -> {
            Started running = startForConnection(null);
            return new AdminCalls(running.engines().engine(null, null, false), running.settings());
        });
    }

    /**
     * For other modules of sqlmq, which work on the same pools, engine and transactions: not for applications. Like a first
     * connection, it starts the factory, so that options cannot be set any more.
     *
     * @throws JMSException if options contradict each other, or the factory is closed
     */
    public EngineAccess engineAccess() throws JMSException {
        Started running = startForConnection(null);
        return new EngineCalls(running.engines(), running.settings(), resources);
    }

    // ---- connections

    @Override
    public Connection createConnection() throws JMSException {
        return connect(null, null, Domain.COMMON);
    }

    @Override
    public Connection createConnection(@Nullable String userName, @Nullable String password) throws JMSException {
        return connect(userName, password, Domain.COMMON);
    }

    @Override
    public QueueConnection createQueueConnection() throws JMSException {
        return connect(null, null, Domain.QUEUE);
    }

    @Override
    public QueueConnection createQueueConnection(@Nullable String userName, @Nullable String password)
            throws JMSException {
        return connect(userName, password, Domain.QUEUE);
    }

    @Override
    public TopicConnection createTopicConnection() throws JMSException {
        return connect(null, null, Domain.TOPIC);
    }

    @Override
    public TopicConnection createTopicConnection(@Nullable String userName, @Nullable String password)
            throws JMSException {
        return connect(userName, password, Domain.TOPIC);
    }

    @Override
    public JMSContext createContext() {
        return context(null, null, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(@Nullable String userName, @Nullable String password) {
        return context(userName, password, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        return context(null, null, sessionMode);
    }

    @Override
    public JMSContext createContext(@Nullable String userName, @Nullable String password, int sessionMode) {
        return context(userName, password, sessionMode);
    }

    private JMSContext context(@Nullable String user, @Nullable String password, int sessionMode) {
        SqlmqContext.checkSessionMode(sessionMode);
        return new SqlmqContext(Unchecked.call(() -> connect(user, password, Domain.COMMON)), sessionMode);
    }

    // ---- connections for global transactions

    @Override
    public XAConnection createXAConnection() throws JMSException {
        return connectXa(null, null, Domain.COMMON);
    }

    @Override
    public XAConnection createXAConnection(@Nullable String userName, @Nullable String password) throws JMSException {
        return connectXa(userName, password, Domain.COMMON);
    }

    @Override
    public XAQueueConnection createXAQueueConnection() throws JMSException {
        return connectXa(null, null, Domain.QUEUE);
    }

    @Override
    public XAQueueConnection createXAQueueConnection(@Nullable String userName, @Nullable String password)
            throws JMSException {
        return connectXa(userName, password, Domain.QUEUE);
    }

    @Override
    public XATopicConnection createXATopicConnection() throws JMSException {
        return connectXa(null, null, Domain.TOPIC);
    }

    @Override
    public XATopicConnection createXATopicConnection(@Nullable String userName, @Nullable String password)
            throws JMSException {
        return connectXa(userName, password, Domain.TOPIC);
    }

    @Override
    public XAJMSContext createXAContext() {
        return createXAContext(null, null);
    }

    @Override
    public XAJMSContext createXAContext(@Nullable String userName, @Nullable String password) {
        return new SqlmqXaContext(Unchecked.call(() -> connectXa(userName, password, Domain.COMMON)));
    }

    private SqlmqXaConnection connectXa(@Nullable String user, @Nullable String password, Domain domain)
            throws JMSException {
        Started running = startForConnection(user);
        boolean inTransaction = running.settings().inTransaction();
        Engine engine = running.engines().engine(user, password, inTransaction);
        if (!inTransaction) {
            resources.requirePreparedTransactions(engine);
        }
        SqlmqXaConnection connection =
                new SqlmqXaConnection(engine, running.settings(), resources, domain, resources.xaBranches(engine));
        resources.opened(connection);
        return connection;
    }

    /** For transaction managers: what connections share, and how they are told of transactions. */
    FactoryResources resources() {
        return resources;
    }

    /** Whether sessions take part in transactions of the application. */
    synchronized boolean isBound() {
        return binding != null && binding != TransactionBinding.NONE;
    }

    SqlmqConnection connect(@Nullable String user, @Nullable String password, Domain domain) throws JMSException {
        Started running = startForConnection(user);
        Engine engine =
                running.engines().engine(user, password, running.settings().inTransaction());
        SqlmqConnection connection = new SqlmqConnection(engine, running.settings(), resources, domain);
        resources.opened(connection);
        return connection;
    }

    private Started startForConnection(@Nullable String user) throws JMSException {
        Started running;
        try {
            running = start();
        } catch (IllegalArgumentException | java.lang.IllegalStateException e) {
            JMSException failure = new IllegalStateException(String.valueOf(e.getMessage()), "CONFIGURATION");
            failure.initCause(e);
            failure.setLinkedException(e);
            throw failure;
        }
        EmbeddedDatabase database = embedded;
        if (database != null && embeddedUrl != null && user != null) {
            database.admit(embeddedUrl, user);
        }
        return running;
    }

    private synchronized Started start() {
        if (closed) {
            throw new java.lang.IllegalStateException("The connection factory is closed");
        }
        Started running = started;
        if (running == null) {
            EmbeddedDatabase database = embedded;
            if (database != null && embeddedUrl != null) {
                getOptions().setUrl(database.jdbcUrl(embeddedUrl));
            }
            options.validate();
            DataSources sources =
                    given == null ? DataSources.pooled(getOptions()) : DataSources.given(given, upkeep, getOptions());
            options.seal();
            ConnectionSettings settings =
                    new ConnectionSettings(getOptions(), binding == null ? TransactionBinding.NONE : binding, tracer);
            Engines engines = new Engines(getOptions(), sources, listeners);
            Runnable first = () -> {};
            if (options.isJmx()) {
                Management management = Management.register(
                        options.getApplicationName(),
                        listeners,
                        engines::state,
                        () -> new AdminCalls(engines.engine(null, null, false), settings));
                first = management::close;
            }
            Holdings holdings = new Holdings(engines, sources, resources, first);
            running = new Started(resources, sources, engines, settings, holdings);
            started = running;
        }
        return running;
    }

    /** Whether {@link #close()} was called. */
    public synchronized boolean isClosed() {
        return closed;
    }

    /**
     * What a naming service keeps: an object factory makes a factory with the same URL and options of it. The reference holds
     * the password if the URL or the options do, readable for everybody who may read the naming service. Leave it out and
     * use the driver's password file, or give user name and password with each connection, where that matters.
     *
     * @throws NamingException if this factory was given a DataSource
     */
    @Override
    public synchronized Reference getReference() throws NamingException {
        String url = ownUrl();
        if (url == null) {
            throw new OperationNotSupportedException(
                    "A connection factory over a DataSource cannot be kept by a naming service. Make it by a URL");
        }
        Reference reference = new Reference(getClass().getName(), OBJECT_FACTORY, null);
        reference.add(new StringRefAddr("url", url));
        options.texts().forEach((name, value) -> reference.add(new StringRefAddr(name, value)));
        return reference;
    }

    private @Nullable String ownUrl() {
        if (given != null) {
            return null;
        }
        return embeddedUrl == null ? getOptions().getUrl() : embeddedUrl;
    }

    /** As its reference: by URL and options, the password with them. */
    private synchronized Object writeReplace() throws NotSerializableException {
        String url = ownUrl();
        if (url == null) {
            throw new NotSerializableException(
                    "A connection factory over a DataSource cannot be serialized. Make it by a URL");
        }
        return new SerializedFactory(url, new LinkedHashMap<>(options.texts()));
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("A connection factory is serialized as a SerializedFactory");
    }

    /** Closes all connections and the pools; transactions that are open are rolled back. Idempotent. */
    @Override
    public void close() {
        Started running;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            running = started;
        }
        resources.close();
        if (running != null) {
            running.holdings().close();
        }
    }

    @Override
    public String toString() {
        return "SqlmqConnectionFactory[" + getOptions() + "]";
    }
}
