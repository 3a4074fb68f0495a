package io.sqlmq.camel;

import static io.sqlmq.camel.dsl.SqlmqEndpointBuilder.sqlmq;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.builder.endpoint.EndpointRouteBuilder;
import org.apache.camel.spi.BrowsableEndpoint;
import org.junit.jupiter.api.Test;

/** Camel's own ways with messages: the endpoints of camel-jms and what its users expect of them. */
class RouteTest extends CamelTest {

    @Test
    void messagesGoFromRouteToRouteInOrder() throws Exception {
        mock("out").expectedBodiesReceived("a", "b", "c");
        start(routes -> {
            routes.from("sqlmq:in").to("sqlmq:queue:next");
            routes.from("sqlmq:next").to("mock:out");
        });
        for (String body : List.of("a", "b", "c")) {
            template.sendBody("sqlmq:in", body);
        }
        satisfied();
    }

    @Test
    void routesOfTheEndpointDslNameItsEndpointsBesideCamelsOwn() throws Exception {
        context.addRoutes(new EndpointRouteBuilder() {
            @Override
            public void configure() {
                from(sqlmq("in").selector("colour = 'red'")).to(sqlmq("next").group("${body}"));
                from(sqlmq("next").concurrentConsumers("{{consumers}}")).to(mock("out"));
            }
        });
        context.getPropertiesComponent().addInitialProperty("consumers", "2");
        start(routes -> {});
        mock("out").expectedBodiesReceived("r");
        mock("out").expectedHeaderReceived("JMSXGroupID", "r");
        template.sendBodyAndHeader("sqlmq:in", "g", "colour", "green");
        template.sendBodyAndHeader("sqlmq:in", "r", "colour", "red");
        satisfied();
        assertThat(count("in")).isEqualTo(1);
    }

    @Test
    void aSelectorChooses() throws Exception {
        mock("red").expectedBodiesReceived("r");
        mock("other").expectedBodiesReceived("g");
        start(routes -> {
            routes.from("sqlmq:in?selector=colour = 'red'").to("mock:red");
            routes.from("sqlmq:in?selector=colour <> 'red'").to("mock:other");
        });
        template.sendBodyAndHeader("sqlmq:in", "r", "colour", "red");
        template.sendBodyAndHeader("sqlmq:in", "g", "colour", "green");
        satisfied();
    }

    @Test
    void aSelectorChoosesByFieldsOfAJsonBody() throws Exception {
        mock("french").expectedBodiesReceived("{\"customer\": {\"country\": \"FR\"}, \"items\": [{\"quantity\": 20}]}");
        start(routes -> routes.from("sqlmq:in?selector=RAW(JMS_SQLMQ_JSON$customer$country = 'FR'"
                        + " AND JMS_SQLMQ_JSON$items$0$quantity > 10)")
                .to("mock:french"));
        template.sendBody("sqlmq:in", "{\"customer\": {\"country\": \"DE\"}, \"items\": [{\"quantity\": 20}]}");
        template.sendBody("sqlmq:in", "{\"customer\": {\"country\": \"FR\"}, \"items\": [{\"quantity\": 1}]}");
        template.sendBody("sqlmq:in", "{\"customer\": {\"country\": \"FR\"}, \"items\": [{\"quantity\": 20}]}");
        satisfied();
        await().untilAsserted(() -> assertThat(count("in")).isEqualTo(2));
    }

    @Test
    void everySubscriberOfATopicGetsEverything() throws Exception {
        mock("one").expectedMessageCount(50);
        mock("two").expectedMessageCount(50);
        start(routes -> {
            routes.from("sqlmq:topic:news").to("mock:one");
            routes.from("sqlmq:topic:news").to("mock:two");
        });
        subscribed("news", 2);
        for (int i = 0; i < 50; i++) {
            template.sendBody("sqlmq:topic:news", "m" + i);
        }
        satisfied();
    }

    /** A consumer's subscription begins a moment after its route. */
    private void subscribed(String topic, int subscribers) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(sql.queryForObject(
                                "SELECT count(*) FROM mq_subscriptions WHERE topic = ?", Integer.class, topic))
                        .isEqualTo(subscribers));
    }

    @Test
    void aDurableSubscriptionKeepsWhatComesWhileItsRouteIsStopped() throws Exception {
        mock("out").expectedBodiesReceived("before", "meanwhile");
        start(routes -> routes.from("sqlmq:topic:news?clientId=reader&durableSubscriptionName=daily")
                .routeId("reader")
                .to("mock:out"));
        subscribed("news", 1);
        template.sendBody("sqlmq:topic:news", "before");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(mock("out").getReceivedCounter()).isEqualTo(1));
        context.getRouteController().stopRoute("reader");
        template.sendBody("sqlmq:topic:news", "meanwhile");
        context.getRouteController().startRoute("reader");
        satisfied();
    }

    @Test
    void aSharedSubscriptionIsServedByOneOfItsConsumers() throws Exception {
        String shared = "sqlmq:topic:news?subscriptionShared=true&subscriptionDurable=true&subscriptionName=team";
        mock("out").expectedMessageCount(20);
        start(routes -> {
            routes.from(shared + "&concurrentConsumers=2").to("mock:out");
            routes.from(shared + "&receiveTimeout=500").to("mock:out");
        });
        subscribed("news", 1);
        for (int i = 0; i < 20; i++) {
            template.sendBody("sqlmq:topic:news", "m" + i);
        }
        satisfied();
        mock("out").reset();
        mock("out").setExpectedMessageCount(0);
        mock("out").setAssertPeriod(300);
        satisfied();
    }

    @Test
    void patternsAndOptionsOfDestinations() throws Exception {
        mock("all").expectedBodiesReceivedInAnyOrder("de", "fr");
        mock("one").expectedBodiesReceived("only");
        start(routes -> {
            routes.from("sqlmq:orders.>?destination.consumer.prefetchSize=5").to("mock:all");
            routes.from("sqlmq:single?destination.consumer.exclusive=true").to("mock:one");
        });
        template.sendBody("sqlmq:orders.de", "de");
        template.sendBody("sqlmq:orders.fr", "fr");
        template.sendBody("sqlmq:single", "only");
        satisfied();
    }

    @Test
    void aConsumerSaysItsPriorityAsWithArtemisBesideOptionsOfTheDestination() throws Exception {
        mock("out").expectedBodiesReceived("hello");
        start(routes -> routes.from("sqlmq:in?artemisConsumerPriority=9&destination.consumer.prefetchSize=1")
                .routeId("first")
                .to("mock:out"));
        SqlmqConsumer consumer = (SqlmqConsumer) context.getRoute("first").getConsumer();
        assertThat(((SqlmqMessageListenerContainer) consumer.getListenerContainer()).getDestinationName())
                .isEqualTo("in?consumer-priority=9&consumer.prefetchSize=1");
        template.sendBody("sqlmq:in", "hello");
        satisfied();
    }

    @Test
    void concurrentConsumersShareAQueue() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        mock("out").expectedMessageCount(40);
        start(routes -> routes.from("sqlmq:in?concurrentConsumers=4")
                .process(exchange -> {
                    threads.add(Thread.currentThread().getName());
                    Thread.sleep(20);
                })
                .to("mock:out"));
        for (int i = 0; i < 40; i++) {
            template.sendBody("sqlmq:in", "m" + i);
        }
        satisfied();
        assertThat(threads).hasSizeGreaterThan(1);
    }

    @Test
    void aDynamicDestinationNeedsNoEndpointOfItsOwn() throws Exception {
        start(routes -> routes.from("direct:start").toD("sqlmq:queue:shop.${header.shop}"));
        for (int i = 0; i < 20; i++) {
            template.sendBodyAndHeader("direct:start", "x", "shop", i);
        }
        assertThat(count("shop.0")).isEqualTo(1);
        assertThat(count("shop.19")).isEqualTo(1);
        assertThat(context.getEndpoints().stream().filter(SqlmqEndpoint.class::isInstance))
                .hasSize(1);
    }

    @Test
    void aQueueIsBrowsedWithoutTakingAnything() throws Exception {
        start(routes -> routes.from("direct:start").to("sqlmq:in"));
        template.sendBodyAndHeader("direct:start", "a", "n", 1);
        template.sendBodyAndHeader("direct:start", "b", "n", 2);
        BrowsableEndpoint queue = context.getEndpoint("sqlmq:in", BrowsableEndpoint.class);
        assertThat(queue.getExchanges())
                .extracting(exchange -> exchange.getMessage().getBody(String.class))
                .containsExactly("a", "b");
        assertThat(queue.getExchanges(1, null)).hasSize(1);
        assertThat(queue.getBrowseStatus(10).size()).isEqualTo(2);
        assertThat(context.getEndpoint("sqlmq:in?maximumBrowseSize=1", BrowsableEndpoint.class)
                        .getExchanges())
                .hasSize(1);
        assertThat(context.getEndpoint("sqlmq:in?selector=n=2", BrowsableEndpoint.class)
                        .getExchanges())
                .hasSize(1);
        assertThat(count("in")).isEqualTo(2);
    }

    @Test
    void temporaryDestinationsAreSharedByTheirEndpoint() throws Exception {
        mock("queue").expectedBodiesReceived("q");
        mock("topic").expectedBodiesReceived("t");
        start(routes -> {
            routes.from("sqlmq:temp-queue:mine").to("mock:queue");
            routes.from("sqlmq:temp-topic:mine").to("mock:topic");
        });
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            template.sendBody("sqlmq:temp-topic:mine", "t");
            assertThat(mock("topic").getReceivedCounter()).isPositive();
        });
        template.sendBody("sqlmq:temp-queue:mine", "q");
        mock("queue").assertIsSatisfied(WAIT_MILLIS);
    }

    /** What ended with the connection of the route that stopped is not that of the one that begins. */
    @Test
    void aRouteFromATemporaryQueueCanBeStoppedAndStarted() throws Exception {
        mock("out").expectedBodiesReceived("a", "b");
        start(routes -> routes.from("sqlmq:temp-queue:mine").routeId("mine").to("mock:out"));
        template.sendBody("sqlmq:temp-queue:mine", "a");
        await().atMost(Duration.ofSeconds(30)).until(() -> mock("out").getReceivedCounter() == 1);
        context.getRouteController().stopRoute("mine");
        context.getRouteController().startRoute("mine");
        template.sendBody("sqlmq:temp-queue:mine", "b");
        mock("out").assertIsSatisfied(WAIT_MILLIS);
    }

    @Test
    void endpointsGiveGroupsAndIdentifiers() throws Exception {
        mock("out").expectedBodiesReceivedInAnyOrder("first", "own");
        start(routes -> {
            routes.from("direct:start").to("sqlmq:in?group=${header.customer}&deduplicationId=order-${header.order}");
            routes.from("sqlmq:in").to("mock:out");
        });
        template.sendBodyAndHeaders("direct:start", "first", Map.of("customer", "acme", "order", 1));
        template.sendBodyAndHeaders("direct:start", "again", Map.of("customer", "acme", "order", 1));
        template.sendBodyAndHeaders(
                "direct:start",
                "own",
                Map.of("customer", "acme", "order", 1, "JMSXGroupID", "other", SqlmqConstants.DEDUPLICATION_ID, "2"));
        satisfied();
        int first =
                mock("out").getReceivedExchanges().get(0).getMessage().getBody().equals("first") ? 0 : 1;
        assertThat(headers(first)).containsEntry("JMSXGroupID", "acme").containsEntry(SqlmqConstants.DELIVERY_COUNT, 1);
        assertThat(headers(1 - first)).containsEntry("JMSXGroupID", "other");
    }

    private Map<String, Object> headers(int index) {
        Exchange exchange = mock("out").getReceivedExchanges().get(index);
        return exchange.getMessage().getHeaders();
    }

    @Test
    void whatASenderTellsTheQueueDoesNotGoOnWithTheMessage() throws Exception {
        mock("out").expectedMessageCount(2);
        start(routes -> {
            routes.from("sqlmq:in").to("sqlmq:next?group=all");
            routes.from("sqlmq:next").to("mock:out");
        });
        template.sendBodyAndHeader("sqlmq:in", "a", SqlmqConstants.DEDUPLICATION_ID, "1");
        template.sendBodyAndHeaders(
                "sqlmq:in", "b", Map.of("_AMQ_DUPL_ID", "2", SqlmqConstants.REDELIVERY, "maximumRedeliveries=0"));
        satisfied();
        assertThat(headers(0))
                .containsEntry("JMSXGroupID", "all")
                .doesNotContainKeys(SqlmqConstants.DEDUPLICATION_ID, "_AMQ_DUPL_ID", SqlmqConstants.REDELIVERY);
        assertThat(sql.queryForObject("SELECT count(*) FROM mq_dedup WHERE channel_name = 'next'", Integer.class))
                .isZero();
    }

    @Test
    void messagesAreDelayedByHeaderAndByEndpoint() throws Exception {
        start(routes -> routes.from("direct:start").to("sqlmq:in"));
        template.sendBodyAndHeader("sqlmq:in", "a", SqlmqConstants.DELAY, 3_600_000L);
        template.sendBody("sqlmq:in?deliveryDelay=3600000", "b");
        assertThat(count("in")).isEqualTo(2);
        assertThat(sql.queryForObject(
                        "SELECT count(*) FROM mq_msgs WHERE attempt_at > now() + interval '50 minutes'", Integer.class))
                .isEqualTo(2);
    }

    @Test
    void headersTravelAsInCamelJms() throws Exception {
        mock("out").expectedMessageCount(1);
        start(routes -> routes.from("sqlmq:in").to("mock:out"));
        template.sendBodyAndHeaders(
                "sqlmq:in?preserveMessageQos=true",
                "x",
                Map.of(
                        "a.dotted-name",
                        "text",
                        "number",
                        7,
                        "flag",
                        true,
                        "letter",
                        'c',
                        "JMSPriority",
                        9,
                        "JMSCorrelationID",
                        "id-1",
                        "JMSType",
                        "order"));
        satisfied();
        assertThat(headers(0))
                .containsEntry("a.dotted-name", "text")
                .containsEntry("number", 7)
                .containsEntry("flag", true)
                .containsEntry("letter", "c")
                .containsEntry("JMSPriority", 9)
                .containsEntry("JMSCorrelationID", "id-1")
                .containsEntry("JMSType", "order");
    }

    @Test
    void whatSendersSayOfThemselvesTravelsWhereBothSidesAskForIt() throws Exception {
        mock("out").expectedMessageCount(2);
        start(routes -> {
            routes.from("sqlmq:in?includeAllJMSXProperties=true").to("mock:out");
            routes.from("sqlmq:other").to("mock:out");
        });
        Map<String, Object> said = Map.of("JMSXUserID", "Donald", "JMSXAppID", "MyApp");
        template.sendBodyAndHeaders("sqlmq:in?includeAllJMSXProperties=true", "x", said);
        await().until(() -> mock("out").getReceivedCounter() == 1);
        template.sendBodyAndHeaders("sqlmq:other?includeAllJMSXProperties=true", "x", said);
        satisfied();
        assertThat(headers(0))
                .containsEntry("JMSXUserID", "Donald")
                .containsEntry("JMSXAppID", "MyApp")
                .containsKey("JMSXRcvTimestamp");
        assertThat(headers(1)).containsEntry("JMSXUserID", null).doesNotContainKeys("JMSXAppID", "JMSXRcvTimestamp");
    }

    @Test
    void aPollingConsumerReceivesInTime() throws Exception {
        start(routes -> routes.from("direct:start").pollEnrich("sqlmq:in", 20_000));
        template.sendBody("sqlmq:in", "polled");
        assertThat(template.requestBody("direct:start", null, String.class)).isEqualTo("polled");
        assertThat(context.createConsumerTemplate().receiveBodyNoWait("sqlmq:in"))
                .isNull();
        Endpoint selective = context.getEndpoint("sqlmq:in?selector=n=1");
        template.sendBodyAndHeader("sqlmq:in", "other", "n", 2);
        assertThat(context.createConsumerTemplate().receive(selective, 50)).isNull();
        assertThat(count("in")).isEqualTo(1);
    }

    @Test
    void whatIsSentOutsideOfRoutesIsThereWhenTheSendReturns() throws Exception {
        start(routes -> routes.from("direct:start").to("sqlmq:in"));
        template.sendBody("direct:start", "x");
        assertThat(count("in")).isEqualTo(1);
    }
}
