package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which destination a name leads to. */
class DestinationNamesTest extends CamelTest {

    @ParameterizedTest
    @CsvSource({
        "plain,              plain",
        "q,                  q",
        "mq,                 mq",
        "queue,              queue",
        "a:b,                a:b",
        "queue:a:b,          a:b",
        "queue:topic:a,      topic:a",
        "queue:queue,        queue",
        "a b,                a b",
        "a%20b,              a b",
        "a+b,                a+b",
        "a%2Bb,              a+b",
        "100%,               100%",
        "a&b,                a&b",
        "/a,                 /a",
        "//a,                a",
        "queue:/a,           a",
        "queue://a,          a",
    })
    void aNameMeansTheSameFromAndToAndInToD(String name, String queue) throws Exception {
        mock("out").expectedBodiesReceivedInAnyOrder("to", "toD");
        start(routes -> {
            routes.from("direct:start").toD("sqlmq:${header.name}");
            routes.from("sqlmq:" + name).routeId("receiving").autoStartup(false).to("mock:out");
        });
        template.sendBody("sqlmq:" + name, "to");
        template.sendBodyAndHeader("direct:start", "toD", "name", name);
        assertThat(queues()).containsExactly(Map.entry(queue, 2));
        context.getRouteController().startRoute("receiving");
        satisfied();
    }

    private List<Map.Entry<String, Integer>> queues() {
        return sql.query(
                "SELECT channel_name, count(*) FROM mq_msgs GROUP BY channel_name",
                (row, number) -> Map.entry(row.getString(1), row.getInt(2)));
    }

    @ParameterizedTest
    @CsvSource({"a%20b, a%20b", "/a, /a", "queue:a, queue:a"})
    void aNameInAHeaderIsTakenAsItIs(String name, String queue) throws Exception {
        start(routes -> routes.from("direct:start").to("sqlmq:in"));
        template.sendBodyAndHeader("direct:start", "x", "CamelJmsDestinationName", name);
        assertThat(queues()).containsExactly(Map.entry(queue, 1));
    }

    @Test
    void aDynamicTopicIsATopicWhateverItsName() throws Exception {
        mock("out").expectedBodiesReceived("x");
        start(routes -> {
            routes.from("direct:start").toD("sqlmq:${header.name}");
            routes.from("sqlmq:topic:a:b?subscriptionShared=true&subscriptionDurable=true&subscriptionName=all")
                    .to("mock:out");
        });
        template.sendBodyAndHeader("direct:start", "x", "name", "topic:a:b");
        satisfied();
    }

    @Test
    void aDynamicTemporaryQueueIsThatOfItsEndpoint() throws Exception {
        mock("out").expectedBodiesReceived("x");
        start(routes -> {
            routes.from("direct:start").toD("sqlmq:temp-queue:${header.name}");
            routes.from("sqlmq:temp-queue:mine").to("mock:out");
        });
        template.sendBodyAndHeader("direct:start", "x", "name", "mine");
        satisfied();
    }
}
