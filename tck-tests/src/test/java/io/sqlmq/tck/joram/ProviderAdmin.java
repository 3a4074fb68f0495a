package io.sqlmq.tck.joram;

import io.sqlmq.tck.provider.Provider;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import org.objectweb.jtests.jms.admin.Admin;

/**
 * What the JORAM suite asks of a provider, over the provider under test. The suite uses the same destination names in
 * every test and creates and deletes them around each; here deleting one empties it.
 */
public final class ProviderAdmin implements Admin {

    private static final Map<String, Object> NAMES = new ConcurrentHashMap<>();

    private final ConnectionFactory factory = Provider.current().connectionFactory();

    @Override
    public String getName() {
        return Provider.current().name();
    }

    @Override
    public Context createContext() {
        return (Context) Proxy.newProxyInstance(
                ProviderAdmin.class.getClassLoader(), new Class<?>[] {Context.class}, (proxy, method, args) -> {
                    if (method.getName().equals("lookup")) {
                        String name = String.valueOf(args[0]);
                        Object found = NAMES.get(name);
                        if (found == null) {
                            throw new NameNotFoundException(name);
                        }
                        return found;
                    }
                    if (method.getName().equals("close")) {
                        return null;
                    }
                    throw new IllegalArgumentException("The suite is not known to call " + method);
                });
    }

    @Override
    public void createConnectionFactory(String name) {
        NAMES.put(name, factory);
    }

    @Override
    public void createQueueConnectionFactory(String name) {
        NAMES.put(name, factory);
    }

    @Override
    public void createTopicConnectionFactory(String name) {
        NAMES.put(name, factory);
    }

    @Override
    public void createQueue(String name) {
        try (JMSContext context = factory.createContext()) {
            NAMES.put(name, context.createQueue(name));
        }
    }

    @Override
    public void createTopic(String name) {
        try (JMSContext context = factory.createContext()) {
            NAMES.put(name, context.createTopic(name));
        }
    }

    @Override
    public void deleteQueue(String name) {
        NAMES.remove(name);
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                MessageConsumer consumer = session.createConsumer(session.createQueue(name))) {
            connection.start();
            for (Message left = consumer.receiveNoWait(); left != null; ) {
                left = consumer.receiveNoWait();
            }
        } catch (JMSException e) {
            throw new IllegalStateException("The queue " + name + " cannot be emptied", e);
        }
    }

    @Override
    public void deleteTopic(String name) {
        NAMES.remove(name);
    }

    @Override
    public void deleteConnectionFactory(String name) {
        NAMES.remove(name);
    }

    @Override
    public void deleteQueueConnectionFactory(String name) {
        NAMES.remove(name);
    }

    @Override
    public void deleteTopicConnectionFactory(String name) {
        NAMES.remove(name);
    }

    @Override
    public void startServer() {
        // It runs already: one provider serves the whole JVM.
    }

    @Override
    public void stopServer() {
        // It is stopped with the JVM.
    }

    @Override
    public void start() {
        // No administrative connection is kept.
    }

    @Override
    public void stop() {
        // No administrative connection is kept.
    }
}
