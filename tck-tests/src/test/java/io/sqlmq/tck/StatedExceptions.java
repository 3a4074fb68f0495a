package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sqlmq.tck.provider.KnownDifferences;
import io.sqlmq.testing.Async;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** A list of calls and the exceptions that the javadoc states for them, as tests. */
final class StatedExceptions {
    private final String type;
    private final List<DynamicTest> tests = new ArrayList<>();

    /** Calls of an interface. */
    StatedExceptions(String type) {
        this.type = type;
    }

    /** The call must throw this exception. {@code what} is the method and, in a few words, what is wrong. */
    StatedExceptions refused(String what, Class<? extends Exception> exception, Async.Action call) {
        String name = type + "." + what;
        tests.add(DynamicTest.dynamicTest(name + ": " + exception.getSimpleName(), () -> {
            assumeThat(KnownDifferences.reason("stated." + name)).isEmpty();
            assertThatThrownBy(call::run).isInstanceOf(exception);
        }));
        return this;
    }

    Stream<DynamicTest> tests() {
        return tests.stream();
    }
}
