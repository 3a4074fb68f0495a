package io.sqlmq.jms.internal.pool;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.core.InfrastructureProxy;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/**
 * Looks beneath the wrappers of a DataSource: Spring's own, and others that can be unwrapped. Two DataSources with the
 * same pool at the bottom are the same database, whatever is around it. Needs spring-jdbc.
 */
public final class SpringDataSources {
    /** Wrappers that lead back to themselves must not hang us. */
    private static final int DEEPEST = 32;

    private SpringDataSources() {}

    /**
     * Where the engine takes its connections from. A {@link TransactionAwareDataSourceProxy} would give it the one of the
     * calling thread's transaction; an {@link AbstractRoutingDataSource} would give each thread another database. Those are
     * taken off; what lies beneath them, and wrappers around neither, may mean something and stays.
     *
     * @throws IllegalArgumentException for an {@link AbstractRoutingDataSource} without a default: which database the
     *     engine's own threads are to work on cannot be told
     */
    public static DataSource forEngine(DataSource given) {
        DataSource engine = given;
        boolean transparent = true;
        int depth = 0;
        for (DataSource layer = given; layer != null && depth < DEEPEST; depth++) {
            DataSource beneath = beneath(layer);
            if (layer instanceof AbstractRoutingDataSource routing) {
                beneath = routing.getResolvedDefaultDataSource();
                if (beneath == null) {
                    throw new IllegalArgumentException("The DataSource " + routing + " has no default target, so that "
                            + "nobody can tell which database the messages are in. Set defaultTargetDataSource, or "
                            + "make a connection factory for each of its targets");
                }
                transparent = true;
            } else if (layer instanceof TransactionAwareDataSourceProxy) {
                transparent = true;
            } else {
                transparent &= layer instanceof LazyConnectionDataSourceProxy
                        || layer.getClass() == DelegatingDataSource.class;
            }
            if (transparent && beneath != null) {
                engine = beneath;
            }
            layer = beneath;
        }
        return engine;
    }

    /** The pool, driver or stranger at the bottom of what the engine takes its connections from. */
    public static DataSource pool(DataSource given) {
        List<DataSource> layers = layers(forEngine(given));
        return layers.get(layers.size() - 1);
    }

    /** The way down to the pool, from the DataSource itself; where one is chosen by the calling thread, by the default. */
    public static List<DataSource> wayToPool(DataSource given) {
        List<DataSource> way = new ArrayList<>();
        for (DataSource layer = given; layer != null && way.size() < DEEPEST; ) {
            way.add(layer);
            layer = layer instanceof AbstractRoutingDataSource routing
                    ? routing.getResolvedDefaultDataSource()
                    : beneath(layer);
        }
        return way;
    }

    /** Whether what a DataSource gives the calling thread now comes from that pool. */
    public static boolean leadsTo(DataSource pool, DataSource given) {
        return !isRouting(given) || unwrapped(given, pool.getClass()) == pool;
    }

    /** Whether the pool is known to lend connections with auto-commit mode off. */
    public static boolean hasAutoCommitOff(DataSource given) {
        return pool(given) instanceof HikariDataSource hikari && !hikari.isAutoCommit();
    }

    /** Whether a DataSource chooses its target by the calling thread. */
    public static boolean isRouting(DataSource dataSource) {
        return layers(dataSource).stream().anyMatch(AbstractRoutingDataSource.class::isInstance);
    }

    /** The pools, drivers or strangers at the bottom; several only where an {@link AbstractRoutingDataSource} chooses. */
    public static Set<DataSource> bottoms(DataSource dataSource) {
        Set<DataSource> found = Collections.newSetFromMap(new IdentityHashMap<>());
        addBottoms(dataSource, found, 0);
        return found;
    }

    private static void addBottoms(DataSource dataSource, Set<DataSource> found, int depth) {
        List<DataSource> layers = layers(dataSource);
        DataSource last = layers.get(layers.size() - 1);
        if (last instanceof AbstractRoutingDataSource routing && depth < DEEPEST) {
            for (DataSource target : routing.getResolvedDataSources().values()) {
                addBottoms(target, found, depth + 1);
            }
            DataSource usual = routing.getResolvedDefaultDataSource();
            if (usual != null) {
                addBottoms(usual, found, depth + 1);
            }
        } else {
            found.add(last);
        }
    }

    /** From the outermost to the innermost one, or to the first that routes. */
    private static List<DataSource> layers(DataSource dataSource) {
        List<DataSource> layers = new ArrayList<>();
        for (DataSource layer = dataSource; layer != null && layers.size() < DEEPEST; layer = beneath(layer)) {
            layers.add(layer);
        }
        return layers;
    }

    private static @Nullable DataSource beneath(DataSource layer) {
        if (layer instanceof HikariDataSource || layer instanceof AbstractRoutingDataSource) {
            return null;
        }
        if (layer instanceof DelegatingDataSource delegating) {
            return delegating.getTargetDataSource();
        }
        if (layer instanceof InfrastructureProxy proxy && proxy.getWrappedObject() instanceof DataSource wrapped) {
            return wrapped;
        }
        DataSource beneath = unwrapped(layer, DataSource.class);
        return beneath != null ? beneath : unwrapped(layer, HikariDataSource.class);
    }

    private static @Nullable DataSource unwrapped(DataSource layer, Class<? extends DataSource> type) {
        try {
            DataSource beneath = layer.isWrapperFor(type) ? layer.unwrap(type) : null;
            return beneath == layer ? null : beneath;
        } catch (SQLException | RuntimeException | AbstractMethodError e) {
            return null; // it cannot be unwrapped
        }
    }

    /** Whether a connection that an {@link AbstractRoutingDataSource} has chosen is one of this pool, or to its database. */
    public static boolean isOf(DataSource pool, Connection connection, DataSource routing) throws SQLException {
        if (pool instanceof HikariDataSource hikari && hikari.getJdbcUrl() != null) {
            return hikari.getJdbcUrl().equals(connection.getMetaData().getURL());
        }
        return unwrapped(routing, pool.getClass()) == pool;
    }
}
