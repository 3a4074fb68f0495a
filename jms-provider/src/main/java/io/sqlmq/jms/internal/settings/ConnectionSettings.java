package io.sqlmq.jms.internal.settings;

import io.sqlmq.engine.model.Remembered;
import io.sqlmq.jms.DepthLimit;
import io.sqlmq.jms.DestinationNames;
import io.sqlmq.jms.MessageTracer;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.jms.TransactionBinding;
import io.sqlmq.jms.TransactionBinding.BoundTransaction;
import io.sqlmq.jms.internal.destination.DestinationResolver;
import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.message.TrustedClasses;
import jakarta.jms.JMSException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** All that the connections of a factory need beyond the engine: its options, and what follows from them. Thread-safe. */
public final class ConnectionSettings {
    private final SqlmqOptions options;
    private final TransactionBinding binding;
    private final @Nullable MessageTracer tracer;
    private final TrustedClasses trustedClasses;
    private final DestinationResolver names;
    private final boolean limitsDepth;
    private final Remembered<String, PolicyRules> rules = new Remembered<>();
    private final Remembered<String, DepthLimit> depthLimits = new Remembered<>();

    /**
     * The settings that a factory's connections share.
     *
     * @param options they do not change any more
     * @param binding tells of transactions of the application
     * @param tracer follows messages, or null
     */
    public ConnectionSettings(SqlmqOptions options, TransactionBinding binding, @Nullable MessageTracer tracer) {
        this.tracer = tracer;
        this.options = options;
        this.binding = binding;
        this.trustedClasses = TrustedClasses.of(options.getTrustedPackages())
                .withMaxHashtableObjects(options.getMaxHashtableObjects());
        this.names = new DestinationResolver(options.getDestinationNames() == DestinationNames.LITERAL);
        this.limitsDepth =
                options.getMaxDepth() > 0 || !options.getDepthLimits().isEmpty();
    }

    /** The options; what is read of them for each message is better read once. */
    public SqlmqOptions options() {
        return options;
    }

    /** What ObjectMessages may contain. */
    public TrustedClasses trustedClasses() {
        return trustedClasses;
    }

    /** How names of destinations are to be understood. */
    public DestinationResolver names() {
        return names;
    }

    /** What becomes of failed messages of a queue. */
    public PolicyRules failureRules(String queue) {
        return rules.get(queue, name -> new PolicyRules(name, options));
    }

    /** How many messages a queue may hold. Each send asks. */
    public DepthLimit depthLimit(String queue) {
        return limitsDepth ? depthLimits.get(queue, options::getDepthLimit) : DepthLimit.NONE;
    }

    /** Tells of transactions of the application. */
    public TransactionBinding transactionBinding() {
        return binding;
    }

    /** Follows messages; null: nobody does. */
    public @Nullable MessageTracer tracer() {
        return tracer;
    }

    /** Whether the calling thread is inside a transaction of the application. */
    public boolean inTransaction() throws JMSException {
        try {
            BoundTransaction transaction = binding.current();
            if (transaction == null) {
                return false;
            }
            transaction.release();
            return true;
        } catch (SQLException e) {
            throw JmsErrors.from("Looking for the transaction of the application", e);
        }
    }
}
