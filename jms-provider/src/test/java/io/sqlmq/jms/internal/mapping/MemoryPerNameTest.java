package io.sqlmq.jms.internal.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.jdbc.ConnectionSource;
import io.sqlmq.engine.model.ConsumerPreference;
import io.sqlmq.engine.model.EngineOptions;
import io.sqlmq.engine.model.FailureRules;
import io.sqlmq.engine.model.Subscription;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.jms.TransactionBinding;
import io.sqlmq.jms.internal.settings.ConnectionSettings;
import io.sqlmq.selector.MessageView;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Names that are new for each request, as those of temporary queues are, leave nothing in memory. */
class MemoryPerNameTest {

    private static final int NAMES = 1_000_000;

    /** Far less than a million of anything takes. */
    private static final long LITTLE_BYTES = 8_000_000;

    private static final class NoDatabase implements ConnectionSource {
        @Override
        public void watchedBy(Watcher watcher) {
            // Nothing is taken.
        }

        @Override
        public Connection take() throws SQLException {
            throw new SQLException("No database");
        }

        @Override
        public Connection takeForSend() throws SQLException {
            throw new SQLException("No database");
        }

        @Override
        public Connection takeForBranch() throws SQLException {
            throw new SQLException("No database");
        }

        @Override
        public void reconnected() {}

        @Override
        public @Nullable Connection openForListen() {
            return null;
        }
    }

    @Test
    void aMillionQueuesThatWereConsumedFromOnce() {
        try (Engine engine = new Engine(EngineOptions.defaults("public"), new NoDatabase(), (m, s) -> sub -> true)) {
            assertNothingStays(
                    i -> engine.consumer("queue " + i, null, FailureRules.RETRY, null, ConsumerPreference.USUAL)
                            .close());
        }
    }

    @Test
    void aMillionPoliciesAndLimits() {
        SqlmqOptions options = new SqlmqOptions();
        options.setMaxDepth(1_000);
        ConnectionSettings settings = new ConnectionSettings(options, TransactionBinding.NONE, null);
        assertNothingStays(i -> {
            assertThat(settings.failureRules("queue " + i)).isNotNull();
            assertThat(settings.depthLimit("queue " + i)).isNotNull();
        });
    }

    @Test
    void aMillionSelectorsOfSubscriptions() {
        SubscriptionSelectors selectors = new SubscriptionSelectors();
        Subscription subscription = new Subscription("s:1", true, null, null, null, false);
        MessageView message = new MessageView() {
            @Override
            public @Nullable Object property(String name) {
                return null;
            }

            @Override
            public @Nullable Object header(String name) {
                return null;
            }

            @Override
            public @Nullable String body() {
                return null;
            }
        };
        assertNothingStays(i -> selectors.matches(subscription, "n = " + i, message));
    }

    private static void assertNothingStays(IntConsumer use) {
        for (int i = 0; i < 10_000; i++) {
            use.accept(-i);
        }
        long before = used();
        for (int i = 0; i < NAMES; i++) {
            use.accept(i);
        }
        assertThat(used() - before).as("bytes more").isLessThan(LITTLE_BYTES);
        use.accept(0); // what is measured is in use until here
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
