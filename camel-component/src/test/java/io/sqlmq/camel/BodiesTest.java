package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.BytesMessage;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.ByteArrayInputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.jms.JmsMessage;
import org.apache.camel.converter.stream.InputStreamCache;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BodiesTest extends CamelTest {

    @BeforeEach
    void route() throws Exception {
        mock("out").expectedMessageCount(1);
        start(routes -> routes.from("sqlmq:in?objectMessageEnabled=true").to("mock:out"));
    }

    private Exchange received(Object body) throws Exception {
        return received("sqlmq:in", body);
    }

    private Exchange received(String uri, Object body) throws Exception {
        template.sendBody(uri, body);
        satisfied();
        return mock("out").getReceivedExchanges().get(0);
    }

    private static Message jms(Exchange exchange) {
        return exchange.getMessage(JmsMessage.class).getJmsMessage();
    }

    @Test
    void text() throws Exception {
        Exchange exchange = received("grüße 𝄞");
        assertThat(exchange.getMessage().getBody()).isEqualTo("grüße 𝄞");
        assertThat(jms(exchange)).isInstanceOf(TextMessage.class);
    }

    @Test
    void bytes() throws Exception {
        byte[] body = {0, 1, -1, 127};
        assertThat(received(body).getMessage().getBody(byte[].class)).isEqualTo(body);
    }

    @Test
    void aStream() throws Exception {
        byte[] body = "x".repeat(5_000_000).getBytes(StandardCharsets.UTF_8);
        Exchange exchange = received(new InputStreamCache(body));
        assertThat(exchange.getMessage().getBody(byte[].class)).isEqualTo(body);
        assertThat(jms(exchange)).isInstanceOf(BytesMessage.class);
    }

    @Test
    void aStreamAsStreamMessage() throws Exception {
        byte[] body = "y".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        Exchange exchange = received("sqlmq:in?streamMessageTypeEnabled=true", new ByteArrayInputStream(body));
        assertThat(exchange.getMessage().getBody(byte[].class)).isEqualTo(body);
        assertThat(jms(exchange)).isInstanceOf(StreamMessage.class);
    }

    @Test
    void aMap() throws Exception {
        Exchange exchange = received(Map.of("n", 1, "text", "x"));
        assertThat((Object) exchange.getMessage().getBody(Map.class)).isEqualTo(Map.of("n", 1, "text", "x"));
        assertThat(jms(exchange)).isInstanceOf(MapMessage.class);
    }

    @Test
    void anObject() throws Exception {
        Exchange exchange =
                received("sqlmq:in?jmsMessageType=Object&objectMessageEnabled=true", LocalDate.of(2026, 1, 1));
        assertThat(jms(exchange)).isInstanceOf(ObjectMessage.class);
        assertThat(jms(exchange).getBody(Serializable.class)).isEqualTo(LocalDate.of(2026, 1, 1));
    }

    @Test
    void nothing() throws Exception {
        Exchange exchange = received((Object) null);
        assertThat(exchange.getMessage().getBody()).isNull();
    }

    @Test
    void textAsBytes() throws Exception {
        Exchange exchange = received("sqlmq:in?jmsMessageType=Bytes", "abc");
        assertThat(jms(exchange)).isInstanceOf(BytesMessage.class);
        assertThat(exchange.getMessage().getBody(String.class)).isEqualTo("abc");
    }
}
