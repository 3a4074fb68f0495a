package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.management.MBeanFeatureInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.component.jms.JmsComponent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What JMX shows of endpoints and routes: what it shows of those of camel-jms. */
class ManagementTest extends CamelTest {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    @Override
    boolean isManaged() {
        return true;
    }

    private ObjectName endpoint(String uri) throws Exception {
        return server.queryNames(new ObjectName("org.apache.camel:type=endpoints,*"), null).stream()
                .filter(name -> name.getKeyProperty("name").contains(uri.replaceFirst(":", "://")))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> names(MBeanInfo info) {
        List<MBeanFeatureInfo> all = new ArrayList<>(Arrays.asList(info.getAttributes()));
        all.addAll(Arrays.asList(info.getOperations()));
        return all.stream().map(MBeanFeatureInfo::getName).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"queue:looked.at", "topic:looked.at"})
    void anEndpointHasTheAttributesAndOperationsOfCamelJms(String destination) throws Exception {
        context.addComponent("jms", JmsComponent.jmsComponent(outside));
        start(routes -> routes.from("direct:unused").to("sqlmq:" + destination).to("jms:" + destination));
        assertThat(names(server.getMBeanInfo(endpoint("sqlmq:" + destination))))
                .containsAll(names(server.getMBeanInfo(endpoint("jms:" + destination))));
    }

    @Test
    void aQueueIsBrowsedAndARouteStoppedByJmx() throws Exception {
        start(routes -> routes.from("sqlmq:in").routeId("managed").to("sqlmq:kept"));
        template.sendBody("sqlmq:kept", "first");
        template.sendBody("sqlmq:kept", "second");
        ObjectName kept = endpoint("sqlmq:kept");
        assertThat(server.invoke(kept, "queueSize", null, null)).hasToString("2");
        assertThat(server.invoke(kept, "browseMessageBody", new Object[] {1}, new String[] {"java.lang.Integer"}))
                .isEqualTo("second");

        ObjectName route = server.queryNames(new ObjectName("org.apache.camel:type=routes,name=\"managed\",*"), null)
                .iterator()
                .next();
        server.invoke(route, "stop", null, null);
        assertThat(server.getAttribute(route, "State")).isEqualTo("Stopped");
    }
}
