package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import java.lang.reflect.Method;
import org.apache.camel.util.StringHelper;
import org.jspecify.annotations.Nullable;
import org.springframework.jms.connection.DelegatingConnectionFactory;
import org.springframework.jms.connection.SingleConnectionFactory;

/** What stands around connection factories. */
final class ConnectionFactories {
    /** Of pooled-jms, which is not on everybody's class path. */
    private static final String POOLED = "org.messaginghub.pooled.jms.JmsPoolConnectionFactory";

    private ConnectionFactories() {}

    /**
     * What is at the bottom of Spring's caching and delegating factories and of pooled-jms. Sessions and connections of sqlmq
     * need no pool, and what is bound to a thread is found by the factory itself.
     */
    static @Nullable ConnectionFactory unwrap(@Nullable ConnectionFactory outer) {
        ConnectionFactory factory = outer;
        while (true) {
            ConnectionFactory inner = inside(factory);
            if (inner == null) {
                return factory;
            }
            factory = inner;
        }
    }

    /** As {@link #unwrap}, if that is ours. */
    static @Nullable SqlmqConnectionFactory own(@Nullable ConnectionFactory outer) {
        return unwrap(outer) instanceof SqlmqConnectionFactory own ? own : null;
    }

    /** Where the database is: its URL without parameters, which may hold a password; null if a DataSource knows. */
    static @Nullable String urlOf(SqlmqConnectionFactory factory) {
        String url = factory.getUrl();
        return url == null ? null : StringHelper.before(url, "?", url);
    }

    private static @Nullable ConnectionFactory inside(@Nullable ConnectionFactory factory) {
        if (factory instanceof SingleConnectionFactory single) {
            return single.getTargetConnectionFactory();
        }
        if (factory instanceof DelegatingConnectionFactory delegating) {
            return delegating.getTargetConnectionFactory();
        }
        return factory != null && isPool(factory.getClass()) ? pooled(factory) : null;
    }

    private static boolean isPool(@Nullable Class<?> type) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            if (c.getName().equals(POOLED)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable ConnectionFactory pooled(ConnectionFactory pool) {
        try {
            Method inside = pool.getClass().getMethod("getConnectionFactory");
            return inside.invoke(pool) instanceof ConnectionFactory factory ? factory : null;
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }
}
