package io.sqlmq.tck.provider;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests that a provider is known not to pass, from the resource {@code <provider>-differences.properties}: {@code
 * Class.method = reason}, or {@code Class = reason} for all of a class. A provider without such a file has no differences.
 */
public final class KnownDifferences implements ExecutionCondition {

    private static final Properties REASONS = load(Provider.current().name());

    private static Properties load(String provider) {
        Properties reasons = new Properties();
        try (InputStream in = KnownDifferences.class.getResourceAsStream("/" + provider + "-differences.properties")) {
            if (in != null) {
                reasons.load(new InputStreamReader(in, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return reasons;
    }

    /** Why the provider under test does not pass {@code Class.method}, if it is known not to. */
    public static Optional<String> reason(String test) {
        return Optional.ofNullable(REASONS.getProperty(test));
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String test = context.getRequiredTestClass().getSimpleName()
                + context.getTestMethod().map(method -> "." + method.getName()).orElse("");
        return reason(test)
                .map(ConditionEvaluationResult::disabled)
                .orElseGet(() -> ConditionEvaluationResult.enabled("no known difference"));
    }
}
