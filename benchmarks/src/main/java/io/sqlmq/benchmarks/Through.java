package io.sqlmq.benchmarks;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** Messages that go through a queue, for JMH. */
@State(Scope.Benchmark)
public class Through {

    private static final int BATCH = 100;

    /** Of the database, with options. */
    @Param("")
    public String url = "";

    private final String body = Texts.of(1024);
    private Ends single;
    private Ends batches;

    private record Ends(Session session, MessageProducer producer, MessageConsumer consumer) {

        static Ends of(Session session, String queue) throws JMSException {
            return new Ends(
                    session,
                    session.createProducer(session.createQueue(queue)),
                    session.createConsumer(session.createQueue(queue)));
        }

        void send(String body) throws JMSException {
            producer.send(session.createTextMessage(body));
        }

        Message receive() throws JMSException {
            Message message = consumer.receive(30_000);
            if (message == null) {
                throw new IllegalStateException("A message did not come");
            }
            return message;
        }
    }

    private SqlmqConnectionFactory factory;

    /** Connects. */
    @Setup
    public void open() throws JMSException {
        factory = new SqlmqConnectionFactory(url);
        Connection connection = factory.createConnection();
        single = Ends.of(connection.createSession(Session.AUTO_ACKNOWLEDGE), Bench.QUEUE);
        batches = Ends.of(connection.createSession(Session.SESSION_TRANSACTED), Bench.QUEUE + ".batches");
        connection.start();
    }

    /** Disconnects. */
    @TearDown
    public void close() {
        factory.close();
    }

    /** Each message durable when it is sent, and acknowledged when the next one is asked for. */
    @Benchmark
    public void oneByOne(Blackhole sink) throws JMSException {
        single.send(body);
        sink.consume(single.receive().getBody(String.class));
    }

    /** A hundred in a transaction, on both ends. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void inTransactions(Blackhole sink) throws JMSException {
        for (int i = 0; i < BATCH; i++) {
            batches.send(body);
        }
        batches.session().commit();
        for (int i = 0; i < BATCH; i++) {
            sink.consume(batches.receive().getBody(String.class));
        }
        batches.session().commit();
    }

    /** What a method does, in words. */
    static String description(String benchmark) {
        return benchmark.endsWith("oneByOne") ? "sent and received one by one" : "100 in a transaction";
    }
}
