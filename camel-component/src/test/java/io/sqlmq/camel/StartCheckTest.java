package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.model.RouteDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a route cannot work with stops its start, and is not told every few seconds, or with the first message. */
class StartCheckTest extends CamelTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sqlmq:in?selector=RAW(colour = = 'red')           | Invalid message selector",
                "sqlmq:in?selector=RAW(colour = = 'red')&batchSize=9 | Invalid message selector",
                "sqlmq:in?destination.consumer.selector=RAW(a =)   | Invalid message selector",
                "sqlmq:topic:news?subscriptionDurable=true         | option clientId; with subscriptionShared=true",
                "sqlmq:in?redelivery.maximumRedelivery=3           | did you mean \"maximumRedeliveries\"?",
                "sqlmq:in?redelivery.maximumRedeliveries=many      | maximumRedeliveries=many is not possible",
                "sqlmq:in?destination.consumer.exclusiv=true       | did you mean \"consumer.exclusive\"?",
            })
    void aConsumerThatCouldNotReceive(String uri, String why) {
        assertThatThrownBy(() -> start(routes -> routes.from(uri).to("mock:out")))
                .hasStackTraceContaining(why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sqlmq:in?selector=RAW(colour = = 'red')           | A step that polls sqlmq://in",
                "sqlmq:in?selector=RAW(colour = = 'red')           | Invalid message selector",
                "sqlmq:in?redelivery.maximumRedelivery=3           | did you mean \"maximumRedeliveries\"?",
            })
    void aStepThatCouldNotPoll(String uri, String why) {
        assertThatThrownBy(() -> start(routes ->
                        routes.from("direct:in").choice().when(routes.body()).pollEnrich(uri, 100)))
                .hasStackTraceContaining(why);
    }

    @Test
    void aStepThatPollsWhatIsToBeDeclared() {
        context.getComponent("sqlmq", SqlmqComponent.class).setOptions(Map.of("autoCreate", "false"));
        assertThatThrownBy(() -> start(routes -> routes.from("direct:in").poll("sqlmq:undeclared")))
                .hasStackTraceContaining("A step that polls sqlmq://undeclared cannot receive")
                .hasStackTraceContaining("There is no queue://undeclared");
    }

    /** The check takes none, and what depends on the message is not asked for. */
    @Test
    void stepsThatPollGetTheirMessages() throws Exception {
        mock("out").expectedBodiesReceived("a", "b");
        outside.createContext().createProducer().send(outside.createContext().createQueue("in"), "a");
        start(routes -> routes.from("direct:in")
                .pollEnrich("sqlmq:in", 10_000)
                .to("mock:out")
                .pollEnrich()
                .simple("sqlmq:${header.name}?selector=${header.selector}")
                .timeout(10_000)
                .to("mock:out"));
        template.sendBodyAndHeader("sqlmq:other", "b", "n", 1);
        template.sendBodyAndHeaders("direct:in", null, Map.of("name", "other", "selector", "n=1"));
        satisfied();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlmq:", "sqlmq:topic:"})
    void aNameThatThereCannotBe(String kind) {
        assertThatThrownBy(() ->
                        start(routes -> routes.from(kind + "x".repeat(300)).to("mock:out")))
                .hasStackTraceContaining("cannot receive")
                .hasStackTraceContaining("255");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"sqlmq:in", "sqlmq:topic:in", "sqlmq:topic:in?subscriptionShared=true&subscriptionName=all"})
    void aRoleThatMayNotReceive(String from) {
        sql.execute("DROP ROLE IF EXISTS camel_sender");
        outside.createContext().close();
        sql.execute("CREATE ROLE camel_sender LOGIN");
        sql.execute("SELECT mq_grant('camel_sender', 'send')");
        context.getComponent("sqlmq", SqlmqComponent.class)
                .setJdbcUrl(url.replaceFirst("(user=)\\w+", "$1camel_sender"));
        try {
            assertThatThrownBy(() -> start(routes -> routes.from(from).to("mock:out")))
                    .hasStackTraceContaining("connect as a role that may receive");
        } finally {
            sql.execute("SELECT mq_revoke('camel_sender')");
            sql.execute("DROP ROLE camel_sender");
        }
    }

    @Test
    void aProducerWithAnOptionOfRedeliveryThatThereIsNot() {
        assertThatThrownBy(
                        () -> start(routes -> routes.from("direct:in").to("sqlmq:out?redelivery.maximumRedelivery=3")))
                .hasStackTraceContaining("did you mean \"maximumRedeliveries\"?");
    }

    @Test
    void aDestinationThatIsToBeDeclared() throws Exception {
        context.getComponent("sqlmq", SqlmqComponent.class).setOptions(Map.of("autoCreate", "false"));
        start(routes -> routes.from("sqlmq:undeclared")
                .routeId("receiving")
                .autoStartup(false)
                .to("mock:out"));
        assertThatThrownBy(() -> context.getRouteController().startRoute("receiving"))
                .hasStackTraceContaining("The route from sqlmq://undeclared cannot receive")
                .hasStackTraceContaining("There is no queue://undeclared");
        outside.admin().declareQueue("undeclared");
        mock("out").expectedBodiesReceived("a");
        context.getRouteController().startRoute("receiving");
        template.sendBody("sqlmq:undeclared", "a");
        satisfied();
    }

    /** It would wait at a queue whose name has the options in it. */
    @Test
    void optionsInNamesThatAreNothingButNames() {
        context.getComponent("sqlmq", SqlmqComponent.class).setOptions(Map.of("destinationNames", "literal"));
        assertThatThrownBy(() -> start(routes ->
                        routes.from("sqlmq:in?redelivery.maximumRedeliveries=3").to("mock:out")))
                .hasStackTraceContaining("With destinationNames=literal")
                .hasStackTraceContaining("[redelivery.maximumRedeliveries]");
    }

    @ParameterizedTest
    @CsvSource({"sqlmq:in, mock:out", "direct:in, sqlmq:out"})
    void tablesThatAreMissing(String from, String to) {
        context.getComponent("sqlmq", SqlmqComponent.class).setSchema("elsewhere");
        assertThatThrownBy(() -> start(routes -> routes.from(from).to(to)))
                .hasStackTraceContaining("cannot work on the database")
                .hasStackTraceContaining("schemaManagement=migrate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"toD", "enrich", "pollEnrich"})
    void tablesThatAreMissingForWhatIsMadeWithTheFirstMessage(String step) {
        context.getComponent("sqlmq", SqlmqComponent.class).setSchema("elsewhere");
        assertThatThrownBy(() -> start(routes -> step(routes.from("direct:in"), step)))
                .hasStackTraceContaining("cannot work on the database")
                .hasStackTraceContaining("schemaManagement=migrate");
    }

    private static void step(RouteDefinition route, String step) {
        switch (step) {
            case "toD" -> route.toD("sqlmq:queue:${header.queue}?priority=3");
            case "enrich" -> route.enrich("sqlmq:out");
            default -> route.pollEnrich("sqlmq:in");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "(\\d/)[^?]+  | nowhere      | Correct the name of the database",
                "(\\d/)[^?]+  | postgres     | There are no sqlmq tables",
                "(user=)\\w+  | nobody       | Check user name and password",
                "(user=)\\w+  | camel_looker | needs the primary",
            })
    void aDatabaseThatIsNotTheRightOne(String right, String wrong, String why) {
        sql.execute("DROP ROLE IF EXISTS camel_looker");
        sql.execute("CREATE ROLE camel_looker LOGIN SUPERUSER");
        sql.execute("ALTER ROLE camel_looker SET default_transaction_read_only = on");
        context.getComponent("sqlmq", SqlmqComponent.class).setJdbcUrl(url.replaceFirst(right, "$1" + wrong));
        assertThatThrownBy(() -> start(routes -> routes.from("direct:in").to("sqlmq:out")))
                .hasStackTraceContaining(why);
    }

    /** It passes. */
    @ParameterizedTest
    @CsvSource({"sqlmq:in, mock:out", "direct:in, sqlmq:out"})
    void aDatabaseThatIsAwayIsWaitedFor(String from, String to) {
        context.getComponent("sqlmq", SqlmqComponent.class)
                .setJdbcUrl("jdbc:postgresql://localhost:1/nowhere?user=postgres");
        assertThatCode(() -> start(routes -> routes.from(from).to(to))).doesNotThrowAnyException();
    }

    /** Its last attempt may fail after it has been told to stop. */
    @Test
    void aRouteThatHasStoppedDoesNotWaitForItsNextAttempt() throws Exception {
        start(routes -> routes.from("sqlmq:in").routeId("receiving").to("mock:out"));
        SqlmqConsumer consumer = (SqlmqConsumer) context.getRoute("receiving").getConsumer();
        SqlmqMessageListenerContainer container = (SqlmqMessageListenerContainer) consumer.getListenerContainer();
        context.getRouteController().stopRoute("receiving");
        CompletableFuture<Boolean> waiting =
                CompletableFuture.supplyAsync(() -> container.applyBackOffTime(() -> 3_600_000));
        await().until(waiting::isDone);
        assertThat(waiting).isCompletedWithValue(true);
    }

    /** Another process has it at the moment. */
    @Test
    void aClientIdentifierThatAnotherHasIsWaitedFor() throws Exception {
        try (var other = outside.createConnection()) {
            other.setClientID("office");
            String uri = "sqlmq:topic:news?clientId=office&subscriptionDurable=true&subscriptionName=all";
            assertThatCode(() -> start(routes -> routes.from(uri).to("mock:out")))
                    .doesNotThrowAnyException();
        }
    }

    /** The check does not end what the consumers of the endpoint share. */
    @Test
    void temporaryQueuesAreThereAfterIt() throws Exception {
        mock("out").expectedBodiesReceived("a");
        start(routes -> routes.from("sqlmq:temp-queue:here").to("mock:out"));
        template.sendBody("sqlmq:temp-queue:here", "a");
        satisfied();
        assertThat(mock("out").getReceivedCounter()).isOne();
    }
}
