package io.sqlmq.jms.jndi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sqlmq.jms.RedeliveryPolicy;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqDestination;
import io.sqlmq.jms.SqlmqQueue;
import io.sqlmq.jms.SqlmqTopic;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import javax.naming.ConfigurationException;
import javax.naming.NamingException;
import javax.naming.OperationNotSupportedException;
import javax.naming.Reference;
import javax.naming.StringRefAddr;
import javax.naming.spi.NamingManager;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Objects that naming services make of references. Nothing here reaches a database. */
class ReferenceTest {
    private static final String URL = "jdbc:postgresql://localhost:1/nowhere";

    private static Object made(Reference reference) throws Exception {
        return NamingManager.getObjectInstance(reference, null, null, null);
    }

    private static Reference reference(String type, String... attributes) {
        Reference reference = new Reference(type, SqlmqObjectFactory.class.getName(), null);
        for (int i = 0; i < attributes.length; i += 2) {
            reference.add(new StringRefAddr(attributes[i], attributes[i + 1]));
        }
        return reference;
    }

    @Test
    void aConnectionFactoryIsMadeAgainWithAllItsOptions() throws Exception {
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(
                URL + "?sqlmq.schema=mq&user=shop&sqlmq.trustedPackages=a,b&sqlmq.password=top%20secret")) {
            factory.getOptions().setMaximumRedeliveries(3);
            factory.getOptions()
                    .setRedeliveryPolicy(
                            "orders.>", RedeliveryPolicy.parse("maximumRedeliveries=-1&redeliveryDelay=5"));
            try (SqlmqConnectionFactory again = (SqlmqConnectionFactory) made(factory.getReference())) {
                assertThat(again.getOptions()).hasToString(factory.getOptions().toString());
                assertThat(again.getOptions().getPassword()).isEqualTo("top secret");
                assertThat(again.getOptions().getUrl()).isEqualTo(URL + "?user=shop");
                assertThat(again.getOptions().getRedeliveryPolicy("orders.new").maximumRedeliveries())
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void aConnectionFactoryIsSerializedWithAllItsOptions() throws Exception { // §5.1
        try (SqlmqConnectionFactory factory =
                new SqlmqConnectionFactory(URL + "?sqlmq.schema=mq&user=shop&sqlmq.password=top%20secret")) {
            factory.getOptions().setMaximumRedeliveries(3);
            try (SqlmqConnectionFactory again = (SqlmqConnectionFactory) deserialized(serialized(factory))) {
                assertThat(again.getOptions()).hasToString(factory.getOptions().toString());
                assertThat(again.getOptions().getPassword()).isEqualTo("top secret");
            }
        }
    }

    @Test
    void aConnectionFactoryOverADataSourceIsNotSerialized() throws Exception {
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(new PGSimpleDataSource())) {
            assertThatExceptionOfType(NotSerializableException.class)
                    .isThrownBy(() -> serialized(factory))
                    .withMessageContaining("DataSource");
        }
    }

    private static byte[] serialized(Object object) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }

    private static Object deserialized(byte[] bytes) throws IOException, ClassNotFoundException {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return in.readObject();
        }
    }

    @Test
    void destinationsAreMadeAgainWithTheirOptions() throws Exception {
        for (SqlmqDestination destination : new SqlmqDestination[] {
            new SqlmqQueue("orders"),
            new SqlmqTopic("prices"),
            new SqlmqQueue("a,topic://b"),
            SqlmqQueue.literal("what?,*"),
            new SqlmqQueue("orders?consumer.prefetchSize=3&consumer.exclusive=true&consumer.priority=-4"
                    + "&consumer.noLocal=true&consumer.selector=a%20%3D%20'%26'&redelivery.redeliveryDelay=7"
                    + "&redelivery.maximumRedeliveries=2")
        }) {
            SqlmqDestination again = (SqlmqDestination) made(destination.getReference());
            assertThat(again).isEqualTo(destination);
            assertThat(again.getOptions()).isEqualTo(destination.getOptions());
            assertThat(again.isLiteral()).isEqualTo(destination.isLiteral());
        }
    }

    @Test
    void aContainersAttributesAreOptions() throws Exception {
        Reference reference = reference(
                "jakarta.jms.ConnectionFactory",
                "auth",
                "Container",
                "singleton",
                "true",
                "closeMethod",
                "close",
                "url",
                URL,
                "clientID",
                "shop");
        try (SqlmqConnectionFactory factory = (SqlmqConnectionFactory) made(reference)) {
            assertThat(factory.getOptions().getClientID()).isEqualTo("shop");
        }
        assertThat(made(reference("jakarta.jms.Queue", "physicalName", "orders")))
                .isEqualTo(new SqlmqQueue("orders"));
        assertThat(made(reference("jakarta.jms.Topic", "physicalName", "prices")))
                .isEqualTo(new SqlmqTopic("prices"));
    }

    @Test
    void wrongAttributesAreRefused() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> made(reference("jakarta.jms.ConnectionFactory", "url", URL, "clientId", "x")))
                .withMessageContaining("did you mean \"clientID\"?");
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> made(reference("jakarta.jms.ConnectionFactory")))
                .withMessageContaining("needs the attribute url");
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> made(reference("jakarta.jms.Queue")))
                .withMessageContaining("physicalName");
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> made(reference("jakarta.jms.Queue", "physicalName", "a?b=c")));
    }

    @Test
    void otherObjectsAreLeftToOtherFactories() throws NamingException {
        SqlmqObjectFactory factory = new SqlmqObjectFactory();
        assertThat(factory.getObjectInstance("text", null, null, null)).isNull();
        assertThat(factory.getObjectInstance(new Reference("com.example.Other"), null, null, null))
                .isNull();
    }

    @Test
    void aFactoryOverADataSourceHasNoReference() {
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(new PGSimpleDataSource())) {
            assertThatExceptionOfType(OperationNotSupportedException.class).isThrownBy(factory::getReference);
        }
    }
}
