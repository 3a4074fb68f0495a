package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.ExchangeTimedOutException;
import org.apache.camel.RuntimeCamelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReplyTest extends CamelTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sqlmq:service",
                "sqlmq:service?replyToType=Temporary",
                "sqlmq:service?replyTo=answers&replyToType=Shared",
                "sqlmq:service?replyTo=answers&replyToType=Exclusive",
                "sqlmq:service?useMessageIDAsCorrelationID=true",
                "sqlmq:service?transacted=false",
                "sqlmq:service?replyToConsumerType=Simple"
            })
    void concurrentRequestsGetTheirOwnReplies(String uri) throws Exception {
        start(routes -> routes.from("sqlmq:service?concurrentConsumers=3").setBody(routes.simple("re: ${body}")));
        List<CompletableFuture<String>> replies = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            replies.add(template.asyncRequestBody(uri, "q" + i, String.class));
        }
        for (int i = 0; i < replies.size(); i++) {
            assertThat(replies.get(i).get(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isEqualTo("re: q" + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlmq:nobody?requestTimeout=300", "sqlmq:nobody?requestTimeout=300&replyTo=answers"})
    void aRequestWithoutAnswerTimesOut(String uri) throws Exception {
        start(routes -> routes.from("direct:unused").to("mock:unused"));
        assertThatThrownBy(() -> template.requestBody(uri, "q", String.class))
                .hasRootCauseInstanceOf(ExchangeTimedOutException.class);
    }

    /** Camel's listener throws exceptions of its own once more after it has answered with them. */
    static Stream<Arguments> failures() {
        return Stream.of(
                        new IllegalStateException("no such customer"),
                        new RuntimeCamelException("no such customer"),
                        new LinkageError("no such customer"))
                .flatMap(failure -> Stream.of(true, false).map(transacted -> Arguments.of(failure, transacted)));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void whatAServiceThrowsIsTheAnswerWhereThatIsAskedFor(Throwable failure, boolean transacted) throws Exception {
        context.getComponent("sqlmq", SqlmqComponent.class).getOptions().put("trustedPackages", "*");
        String service =
                "sqlmq:service?transferException=true&objectMessageEnabled=true&requestTimeout=5000&transacted="
                        + transacted;
        start(routes -> routes.from(service).process(exchange -> {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (Exception) failure;
        }));
        assertThatThrownBy(() -> template.requestBody(service, "q", String.class))
                .hasRootCauseInstanceOf(failure.getClass())
                .hasRootCauseMessage("no such customer");
        assertThat(count("service")).isZero();
    }

    @Test
    void aRequestThatNobodyTookExpiresWithItsTimeOut() throws Exception {
        mock("late").expectedMessageCount(0);
        start(routes ->
                routes.from("sqlmq:service").autoStartup(false).routeId("late").to("mock:late"));
        assertThatThrownBy(() -> template.requestBody("sqlmq:service?requestTimeout=300", "q", String.class))
                .hasRootCauseInstanceOf(ExchangeTimedOutException.class);
        context.getRouteController().startRoute("late");
        mock("late").setAssertPeriod(500);
        satisfied();
    }
}
