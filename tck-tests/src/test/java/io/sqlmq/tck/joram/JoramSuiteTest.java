package io.sqlmq.tck.joram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.sqlmq.tck.provider.KnownDifferences;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import junit.framework.TestCase;
import junit.framework.TestFailure;
import junit.framework.TestResult;
import junit.framework.TestSuite;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.objectweb.jtests.jms.conform.connection.ConnectionTest;
import org.objectweb.jtests.jms.conform.connection.TopicConnectionTest;
import org.objectweb.jtests.jms.conform.message.MessageBodyTest;
import org.objectweb.jtests.jms.conform.message.MessageDefaultTest;
import org.objectweb.jtests.jms.conform.message.MessageTypeTest;
import org.objectweb.jtests.jms.conform.message.headers.MessageHeaderTest;
import org.objectweb.jtests.jms.conform.message.properties.JMSXPropertyTest;
import org.objectweb.jtests.jms.conform.message.properties.MessagePropertyConversionTest;
import org.objectweb.jtests.jms.conform.message.properties.MessagePropertyTest;
import org.objectweb.jtests.jms.conform.queue.QueueBrowserTest;
import org.objectweb.jtests.jms.conform.queue.TemporaryQueueTest;
import org.objectweb.jtests.jms.conform.selector.SelectorSyntaxTest;
import org.objectweb.jtests.jms.conform.selector.SelectorTest;
import org.objectweb.jtests.jms.conform.session.QueueSessionTest;
import org.objectweb.jtests.jms.conform.session.SessionTest;
import org.objectweb.jtests.jms.conform.session.TopicSessionTest;
import org.objectweb.jtests.jms.conform.session.UnifiedSessionTest;
import org.objectweb.jtests.jms.conform.topic.TemporaryTopicTest;

/** The JORAM/ObjectWeb suite: its JUnit 3 tests, each as one test here. Its waits are bounded by test.properties. */
class JoramSuiteTest {

    private static final List<Class<? extends TestCase>> SUITE = List.of(
            ConnectionTest.class,
            TopicConnectionTest.class,
            MessageHeaderTest.class,
            JMSXPropertyTest.class,
            MessagePropertyConversionTest.class,
            MessagePropertyTest.class,
            MessageBodyTest.class,
            MessageDefaultTest.class,
            MessageTypeTest.class,
            QueueBrowserTest.class,
            TemporaryQueueTest.class,
            SelectorSyntaxTest.class,
            SelectorTest.class,
            QueueSessionTest.class,
            SessionTest.class,
            TopicSessionTest.class,
            UnifiedSessionTest.class,
            TemporaryTopicTest.class);

    @TestFactory
    Stream<DynamicContainer> joram() {
        return SUITE.stream()
                .map(area -> dynamicContainer(
                        area.getSimpleName(), tests(area).stream().map(JoramSuiteTest::dynamic)));
    }

    @Test
    void theSuiteIsComplete() {
        assertThat(SUITE.stream().mapToInt(area -> tests(area).size()).sum()).isEqualTo(196);
    }

    private static List<TestCase> tests(Class<? extends TestCase> area) {
        return Collections.list(new TestSuite(area).tests()).stream()
                .map(TestCase.class::cast)
                .toList();
    }

    private static DynamicTest dynamic(TestCase test) {
        String name = "joram." + test.getClass().getSimpleName() + "." + test.getName();
        return dynamicTest(test.getName(), () -> {
            assumeThat(KnownDifferences.reason(name)).isEmpty();
            TestResult result = new TestResult();
            test.run(result);
            Stream.of(result.errors(), result.failures())
                    .flatMap(failures -> Collections.list(failures).stream())
                    .map(TestFailure::thrownException)
                    .findFirst()
                    .ifPresent(failure -> {
                        throw new AssertionError(name + ": " + failure, failure);
                    });
        });
    }
}
