package io.sqlmq.integration.faults;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

/**
 * An application with everything that waits for messages, and a sender. Its log is on the standard output. On each line of
 * its standard input it makes sure that all of them are at work, and on "stop" it stops.
 */
final class BusyProgram {

    private static final String[] QUEUES = {"listener 1", "listener 2", "receiver", "container"};
    private static final int IDLE_MILLIS = 50;
    private static final int RECOVERY_MILLIS = 500;
    private static final int AGAIN_SECONDS = 25;

    private final Map<String, AtomicInteger> heard = new ConcurrentHashMap<>();
    private final AtomicBoolean stopped = new AtomicBoolean();

    private BusyProgram() {
        for (String queue : QUEUES) {
            heard.put(queue, new AtomicInteger());
        }
    }

    /** Arguments: the JDBC URL, and "pool" for a pool of the application. */
    public static void main(String[] arguments) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
        System.setProperty("org.slf4j.simpleLogger.logFile", "System.out");
        System.setProperty("org.slf4j.simpleLogger.showThreadName", "false");
        String url = arguments[0];
        if (arguments[1].equals("pool")) {
            HikariDataSource pool = new HikariDataSource();
            pool.setPoolName("application");
            pool.setJdbcUrl(url);
            try (pool;
                    SqlmqConnectionFactory factory = new SqlmqConnectionFactory(pool)) {
                new BusyProgram().work(factory, pool);
            }
        } else {
            try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(url)) {
                new BusyProgram().work(factory, null);
            }
        }
        System.out.println("stopped");
    }

    private void work(ConnectionFactory factory, DataSource pool) throws Exception {
        DefaultMessageListenerContainer container = container(factory, pool);
        try (Connection connection = factory.createConnection()) {
            for (int i = 0; i < 2; i++) {
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                session.createConsumer(session.createQueue(QUEUES[i])).setMessageListener(listener(QUEUES[i]));
            }
            Session receiving = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = receiving.createConsumer(receiving.createQueue(QUEUES[2]));
            connection.start();
            Session sending = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            Thread receiver = thread(() -> {
                if (consumer.receive() != null) {
                    heard.get(QUEUES[2]).incrementAndGet();
                }
            });
            Thread sender = thread(() -> {
                for (String queue : QUEUES) {
                    sending.createProducer(sending.createQueue(queue)).send(sending.createTextMessage("text"));
                }
                sleep();
            });
            BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (!"stop".equals(orders.readLine())) {
                heard.values().forEach(count -> count.set(0));
                awaitAll();
                System.out.println("at work");
            }
            stopped.set(true);
            sender.join();
            consumer.close();
            receiver.join();
        } finally {
            container.shutdown();
        }
    }

    private DefaultMessageListenerContainer container(ConnectionFactory factory, DataSource pool) {
        DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
        container.setConnectionFactory(factory);
        container.setDestinationName(QUEUES[3]);
        container.setMessageListener(listener(QUEUES[3]));
        container.setConcurrentConsumers(2);
        container.setRecoveryInterval(RECOVERY_MILLIS);
        if (pool == null) {
            container.setSessionTransacted(true);
        } else {
            container.setTransactionManager(new DataSourceTransactionManager(pool));
        }
        container.afterPropertiesSet();
        container.start();
        return container;
    }

    private MessageListener listener(String queue) {
        return message -> heard.get(queue).incrementAndGet();
    }

    private interface Work {
        void run() throws JMSException;
    }

    /** Goes on until all is stopped, whatever its calls throw. */
    private Thread thread(Work work) {
        Thread thread = new Thread(() -> {
            while (!stopped.get()) {
                try {
                    work.run();
                } catch (JMSException e) {
                    sleep();
                }
            }
        });
        thread.start();
        return thread;
    }

    private static void sleep() {
        try {
            TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitAll() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(AGAIN_SECONDS);
        while (heard.values().stream().anyMatch(count -> count.get() == 0)) {
            if (System.nanoTime() > end) {
                System.out.println("not all hear: " + heard);
                return;
            }
            sleep();
        }
    }
}
