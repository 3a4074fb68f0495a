package io.sqlmq.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/** What an application may have done to the connections of its pool. */
public enum Hostility {
    AUTO_COMMIT_OFF {
        @Override
        void apply(HikariConfig pool) {
            pool.setAutoCommit(false);
        }
    },
    READ_ONLY {
        @Override
        void apply(HikariConfig pool) {
            pool.setReadOnly(true);
        }
    },
    READ_ONLY_SESSIONS {
        @Override
        void apply(HikariConfig pool) {
            READ_ONLY.apply(pool);
            pool.addDataSourceProperty("readOnlyMode", "always");
        }
    },
    READ_ONLY_DEFAULT {
        @Override
        void apply(HikariConfig pool) {
            set(pool, "default_transaction_read_only = on");
        }
    },
    SERIALIZABLE {
        @Override
        void apply(HikariConfig pool) {
            pool.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
        }
    },
    REPEATABLE_READ_DEFAULT {
        @Override
        void apply(HikariConfig pool) {
            set(pool, "default_transaction_isolation = 'repeatable read'");
        }
    },
    STRANGE_SEARCH_PATH {
        @Override
        void apply(HikariConfig pool) {
            set(pool, "search_path = nowhere");
        }
    },
    STRANGE_TIME_ZONE {
        @Override
        void apply(HikariConfig pool) {
            set(pool, "TimeZone = 'Australia/Lord_Howe'");
            set(pool, "IntervalStyle = 'iso_8601'");
            set(pool, "bytea_output = 'escape'");
        }
    },
    SHORT_STATEMENTS {
        @Override
        void apply(HikariConfig pool) {
            set(pool, "statement_timeout = 150");
        }
    },
    SHORT_LOCKS {
        @Override
        void apply(HikariConfig pool) {
            set(pool, "lock_timeout = 1");
        }
    },
    SHORT_TRANSACTIONS {
        @Override
        void apply(HikariConfig pool) {
            set(pool, "idle_in_transaction_session_timeout = 150");
        }
    },
    SHORT_SESSIONS {
        @Override
        void apply(HikariConfig pool) {
            set(pool, "idle_session_timeout = 1500");
        }
    },
    SIMPLE_PROTOCOL {
        @Override
        void apply(HikariConfig pool) {
            pool.addDataSourceProperty("preferQueryMode", "simple");
        }
    },
    EXTENDED_FOR_PREPARED {
        @Override
        void apply(HikariConfig pool) {
            pool.addDataSourceProperty("preferQueryMode", "extendedForPrepared");
        }
    },
    EXTENDED_CACHE_EVERYTHING {
        @Override
        void apply(HikariConfig pool) {
            pool.addDataSourceProperty("preferQueryMode", "extendedCacheEverything");
        }
    },
    SMALL_FETCHES {
        @Override
        void apply(HikariConfig pool) {
            pool.addDataSourceProperty("defaultRowFetchSize", "1");
        }
    },
    NO_BINARY_NO_PREPARED {
        @Override
        void apply(HikariConfig pool) {
            pool.addDataSourceProperty("binaryTransfer", "false");
            pool.addDataSourceProperty("prepareThreshold", "0");
            pool.addDataSourceProperty("stringtype", "unspecified");
        }
    };

    /** All that can be had together. */
    public static final Set<Hostility> TOGETHER = EnumSet.complementOf(
            EnumSet.of(READ_ONLY_SESSIONS, REPEATABLE_READ_DEFAULT, EXTENDED_FOR_PREPARED, EXTENDED_CACHE_EVERYTHING));

    private static final int CONNECTIONS = 40;

    abstract void apply(HikariConfig pool);

    private static void set(HikariConfig pool, String setting) {
        String before = pool.getConnectionInitSql();
        pool.setConnectionInitSql((before == null ? "" : before + "; ") + "SET " + setting);
    }

    /** A pool with all of these. */
    public static HikariDataSource pool(String jdbcUrl, Collection<Hostility> hostilities) {
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(jdbcUrl);
        pool.setMaximumPoolSize(CONNECTIONS);
        pool.setMinimumIdle(0);
        hostilities.forEach(hostility -> hostility.apply(pool));
        return new HikariDataSource(pool);
    }
}
