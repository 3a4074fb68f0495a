package io.sqlmq.jms.internal.factory;

import io.sqlmq.engine.model.Remembered;
import io.sqlmq.jms.DataSourceTransactionBinding;
import io.sqlmq.jms.DepthLimit;
import io.sqlmq.jms.DestinationNames;
import io.sqlmq.jms.SpringTransactionBinding;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.jms.TransactionBinding;
import io.sqlmq.jms.internal.destination.Names;
import io.sqlmq.jms.internal.mapping.ConnectionSettings;
import io.sqlmq.jms.internal.mapping.PolicyRules;
import io.sqlmq.jms.internal.mapping.SendProperties;
import io.sqlmq.jms.internal.pool.SpringDataSources;
import io.sqlmq.message.TrustedClasses;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Makes the settings of connections of a factory's options. */
public final class SettingsOf {
    private static final String SPRING = "org.springframework.jdbc.datasource.DataSourceUtils";

    private SettingsOf() {}

    /** The settings that a factory's connections share. */
    public static ConnectionSettings options(SqlmqOptions options, @Nullable TransactionBinding binding) {
        Remembered<String, PolicyRules> rules = new Remembered<>();
        return new ConnectionSettings(
                options.getClientID(),
                TrustedClasses.of(options.getTrustedPackages())
                        .withMaxHashtableObjects(options.getMaxHashtableObjects()),
                queue -> rules.get(queue, name -> new PolicyRules(name, options)),
                options.getMaxMessageSize(),
                options.getDeduplicationWindow(),
                depthLimits(options),
                options.getSendTimeout(),
                binding == null ? TransactionBinding.NONE : binding,
                options.isOptimizeAcknowledge(),
                new SendProperties.Chosen(
                        options.isPopulateJMSXUserID(),
                        options.isPopulateJMSXAppID() ? options.getApplicationName() : null,
                        options.isPopulateJMSXProducerTXID()),
                new Names(options.getDestinationNames() == DestinationNames.LITERAL),
                options.isAutoCreate());
    }

    /** Each send asks. */
    private static Function<String, DepthLimit> depthLimits(SqlmqOptions options) {
        if (!options.hasDepthLimits()) {
            return queue -> DepthLimit.NONE;
        }
        Remembered<String, DepthLimit> limits = new Remembered<>();
        return queue -> limits.get(queue, options::getDepthLimit);
    }

    /**
     * The binding for a DataSource that the application gave: Spring's transactions if Spring is there; else none, since
     * asking an ordinary DataSource would cost a connection for each operation ({@link DataSourceTransactionBinding}).
     */
    public static TransactionBinding defaultBinding(DataSource dataSource) {
        return isSpringThere() ? new SpringTransactionBinding(dataSource) : TransactionBinding.NONE;
    }

    /** Where the engine takes its connections from, over a DataSource that the application gave. */
    public static DataSource engineDataSource(DataSource given) {
        return isSpringThere() ? SpringDataSources.forEngine(given) : given;
    }

    private static boolean isSpringThere() {
        try {
            Class.forName(SPRING, false, SettingsOf.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }
}
