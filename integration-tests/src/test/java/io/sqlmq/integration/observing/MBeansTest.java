package io.sqlmq.integration.observing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Set;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** The MBeans of a factory and its queues, by the names that operators know from ActiveMQ. */
class MBeansTest extends IntegrationTest {

    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

    @Test
    void thereAreNoneUnlessTheyAreAskedFor() throws Exception {
        send(factory(), queue, "1");
        assertThat(all()).isEmpty();
    }

    @Test
    void aQueueIsCountedAndOperated() throws Exception {
        SqlmqConnectionFactory own = factory("jmx=true", "applicationName=shop");
        send(own, queue, "1", "2", "3");
        drainOne(own);
        ObjectName name =
                new ObjectName("io.sqlmq:type=Broker,brokerName=shop,destinationType=Queue,destinationName=" + queue);
        await().atMost(Duration.ofSeconds(30)).until(() -> SERVER.isRegistered(name));
        assertThat(attribute(name, "Name")).isEqualTo(queue);
        assertThat(attribute(name, "EnqueueCount")).isEqualTo(3L);
        assertThat(attribute(name, "DispatchCount")).isEqualTo(1L);
        assertThat(attribute(name, "DequeueCount")).isEqualTo(1L);
        assertThat(attribute(name, "InFlightCount")).isEqualTo(0L);
        assertThat(attribute(name, "QueueSize")).isEqualTo(2L);
        assertThat((Long) attribute(name, "OldestMessageAgeMillis")).isNotNegative();
        SERVER.invoke(name, "pause", null, null);
        assertThat(attribute(name, "Paused")).isEqualTo(true);
        SERVER.invoke(name, "resume", null, null);
        assertThat(attribute(name, "Paused")).isEqualTo(false);
        assertThat(SERVER.invoke(
                        name, "moveMessagesTo", new Object[] {queue + "-2"}, new String[] {"java.lang.String"}))
                .isEqualTo(2L);
        assertThat(attribute(name, "QueueSize")).isEqualTo(0L);
        SERVER.invoke(name, "resetStatistics", null, null);
        assertThat(attribute(name, "EnqueueCount")).isEqualTo(0L);
        ObjectName broker = new ObjectName("io.sqlmq:type=Broker,brokerName=shop");
        assertThat((ObjectName[]) attribute(broker, "Queues"))
                .contains(new ObjectName(name.toString().replace(queue, queue + "-2")));
        assertThat(attribute(broker, "TotalEnqueueCount")).isEqualTo(3L);
        assertThat(attribute(broker, "DatabaseReachable")).isEqualTo(true);
        assertThat(drain(own, queue + "-2")).containsExactly("2", "3");
    }

    @Test
    void namesMayHoldAnything() throws Exception {
        SqlmqConnectionFactory own = factory("jmx=true", "applicationName=shop");
        String odd = queue + "+a=\"b\":*";
        send(own, odd, "1");
        ObjectName name = new ObjectName(
                "io.sqlmq:type=Broker,brokerName=shop,destinationType=Queue,destinationName=" + ObjectName.quote(odd));
        await().atMost(Duration.ofSeconds(30)).until(() -> SERVER.isRegistered(name));
        assertThat(SERVER.invoke(name, "purge", null, null)).isEqualTo(1L);
    }

    @Test
    void twoFactoriesOfOneNameStandSideBySideAndAreGoneWithClose() throws Exception {
        SqlmqConnectionFactory one = factory("jmx=true", "applicationName=shop");
        SqlmqConnectionFactory two = factory("jmx=true", "applicationName=shop");
        send(one, queue, "1");
        send(two, queue, "2");
        await().atMost(Duration.ofSeconds(30)).until(() -> all().size() == 4);
        assertThat(all()).anyMatch(name -> "shop-2".equals(name.getKeyProperty("brokerName")));
        one.close();
        assertThat(all()).hasSize(2).allMatch(name -> "shop-2".equals(name.getKeyProperty("brokerName")));
        two.close();
        assertThat(all()).isEmpty();
    }

    @Test
    void aFactoryThatIsDroppedTakesThemAlong() throws Exception {
        useAndDrop();
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            return all().isEmpty();
        });
    }

    private void useAndDrop() throws Exception {
        SqlmqConnectionFactory dropped = new SqlmqConnectionFactory(urlOn(url, "jmx=true"));
        send(dropped, queue, "1");
        assertThat(all()).isNotEmpty();
    }

    private static Set<ObjectName> all() throws Exception {
        return SERVER.queryNames(new ObjectName("io.sqlmq:*"), null);
    }

    private static Object attribute(ObjectName name, String attribute) throws Exception {
        return SERVER.getAttribute(name, attribute);
    }

    private void drainOne(SqlmqConnectionFactory own) throws Exception {
        try (var context = own.createContext()) {
            assertThat(context.createConsumer(context.createQueue(queue)).receive(SOON))
                    .isNotNull();
        }
    }
}
