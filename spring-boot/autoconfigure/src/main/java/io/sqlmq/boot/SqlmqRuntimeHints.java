package io.sqlmq.boot;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.context.properties.bind.BindableRuntimeHintsRegistrar;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.util.ReflectionUtils;

/** What a native image has to keep: the migrations, the version, what sqlmq asks Spring's transactions, and what is bound. */
final class SqlmqRuntimeHints implements RuntimeHintsRegistrar {

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        hints.resources()
                .registerPattern("io/sqlmq/schema/migration/*")
                .registerPattern("io/sqlmq/jms/internal/version.properties")
                .registerPattern("META-INF/services/io.sqlmq.*");
        var isActive = ReflectionUtils.findMethod(ConnectionHolder.class, "isTransactionActive");
        if (isActive != null) {
            hints.reflection().registerMethod(isActive, ExecutableMode.INVOKE);
        }
        BindableRuntimeHintsRegistrar.forTypes(JobSettings.class, ConsoleSettings.class)
                .registerHints(hints);
    }
}
