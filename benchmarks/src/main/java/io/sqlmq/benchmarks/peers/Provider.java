package io.sqlmq.benchmarks.peers;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.CompletionListener;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.ActiveMQMessageProducer;
import org.apache.activemq.AsyncCallback;
import org.apache.activemq.ScheduledMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQJMSConnectionFactory;

/** Whose client it is, and what clients do in its own way. */
enum Provider {
    SQLMQ {
        @Override
        ConnectionFactory factory(String url) throws JMSException {
            return new SqlmqConnectionFactory(url);
        }
    },

    /** Has neither delivery delays nor asynchronous sends of Jakarta Messaging, but its own. */
    CLASSIC {
        @Override
        ConnectionFactory factory(String url) {
            return new ActiveMQConnectionFactory(url);
        }

        @Override
        void delay(MessageProducer producer, Message message, long millis) throws JMSException {
            if (millis > 0) {
                message.setLongProperty(ScheduledMessage.AMQ_SCHEDULED_DELAY, millis);
            }
        }

        @Override
        void sendAsynchronously(MessageProducer producer, Message message, Runnable whenDurable) throws JMSException {
            ((ActiveMQMessageProducer) producer).send(message, new AsyncCallback() {
                @Override
                public void onSuccess() {
                    whenDurable.run();
                }

                @Override
                public void onException(JMSException exception) {
                    throw new IllegalStateException(exception); // never durable, so that the round never ends
                }
            });
        }
    },

    ARTEMIS {
        @Override
        ConnectionFactory factory(String url) {
            return new ActiveMQJMSConnectionFactory(url);
        }
    };

    abstract ConnectionFactory factory(String url) throws JMSException;

    /** Has the message, which is sent next, delivered so much later. */
    void delay(MessageProducer producer, Message message, long millis) throws JMSException {
        producer.setDeliveryDelay(millis);
    }

    /** Sends without waiting. */
    void sendAsynchronously(MessageProducer producer, Message message, Runnable whenDurable) throws JMSException {
        producer.send(message, new CompletionListener() {
            @Override
            public void onCompletion(Message sent) {
                whenDurable.run();
            }

            @Override
            public void onException(Message sent, Exception exception) {
                throw new IllegalStateException(exception); // never durable, so that the round never ends
            }
        });
    }
}
