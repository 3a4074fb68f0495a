package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsTemplate;

/** The container factories for topics. */
@Timeout(120)
class TopicsTest {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Prices {
        final Queue<String> heard = new ConcurrentLinkedQueue<>();

        @JmsListener(destination = "prices", containerFactory = "jmsTopicListenerContainerFactory")
        void plain(String text) {
            heard.add("plain " + text);
        }

        @JmsListener(
                destination = "prices",
                subscription = "durable",
                containerFactory = "jmsDurableTopicListenerContainerFactory")
        void durable(String text) {
            heard.add("durable " + text);
        }

        @JmsListener(
                destination = "prices",
                subscription = "shared",
                concurrency = "2",
                containerFactory = "jmsSharedTopicListenerContainerFactory")
        void shared(String text) {
            heard.add("shared " + text);
        }

        @JmsListener(
                destination = "prices",
                subscription = "both",
                concurrency = "2",
                containerFactory = "jmsSharedDurableTopicListenerContainerFactory")
        void both(String text) {
            heard.add("both " + text);
        }

        @JmsListener(destination = "prices", containerFactory = "jmsQueueListenerContainerFactory")
        void queue(String text) {
            heard.add("queue " + text);
        }

        @JmsListener(destination = "one")
        @JmsListener(destination = "other")
        void usual(String text) {
            heard.add("usual " + text);
        }
    }

    @Test
    void eachKindOfSubscriptionHears() throws JMSException {
        String url = Databases.create();
        try (ConfigurableApplicationContext app =
                App.start(Prices.class, App.url(url), App.NO_JPA, "spring.jms.client-id=shop")) {
            Prices prices = app.getBean(Prices.class);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> Databases.query(url, "SELECT consumers FROM mq_topic_subscribers WHERE consumers > 0")
                                    .size()
                            == 4);
            JmsTemplate topic = new JmsTemplate(app.getBean(SqlmqConnectionFactory.class));
            topic.setPubSubDomain(true);
            topic.convertAndSend("prices", "1");
            app.getBean(JmsTemplate.class).convertAndSend("prices", "2");
            app.getBean(JmsTemplate.class).convertAndSend("one", "3");
            app.getBean(JmsTemplate.class).convertAndSend("other", "4");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(prices.heard)
                            .containsExactlyInAnyOrder(
                                    "plain 1", "durable 1", "shared 1", "both 1", "queue 2", "usual 3", "usual 4"));
        }
        assertThat(Databases.query(url, "SELECT subscription FROM mq_topic_subscribers ORDER BY 1"))
                .containsExactly("both", "durable");
    }
}
