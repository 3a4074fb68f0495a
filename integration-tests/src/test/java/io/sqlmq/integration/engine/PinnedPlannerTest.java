package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Claims rely on switches of the planner: connections of our own have them for good, and the application never sees them. */
class PinnedPlannerTest extends IntegrationTest {

    private static final String SWITCHES =
            "SELECT name, setting = boot_val FROM pg_settings WHERE name IN ('enable_seqscan',"
                    + " 'enable_bitmapscan', 'enable_sort', 'plan_cache_mode') ORDER BY name";

    @Test
    void onConnectionsOfOurOwnNoStatementSetsThem() throws Exception {
        SqlmqConnectionFactory recorded = closeAfterwards(new SqlmqConnectionFactory(
                with(with(url, "socketFactory", RecordingSockets.class.getName()), "prepareThreshold", "0")));
        Session answering = session(recorded, Session.AUTO_ACKNOWLEDGE);
        MessageProducer replies = answering.createProducer(null);
        consumer(answering, queue).setMessageListener(request -> reply(answering, replies, request));
        Session asking = session(recorded, Session.AUTO_ACKNOWLEDGE);
        Queue replyTo = asking.createTemporaryQueue();
        MessageConsumer consumer = asking.createConsumer(replyTo);
        MessageProducer producer = asking.createProducer(asking.createQueue(queue));
        for (int i = 0; i < 70; i++) {
            if (i == 20) {
                RecordingSockets.clear();
            }
            Message request = asking.createTextMessage("m" + i);
            request.setJMSReplyTo(replyTo);
            producer.send(request);
            assertThat(text(receive(consumer))).isEqualTo("m" + i);
        }
        String sent = RecordingSockets.sent();
        assertThat(sent).contains("DELETE FROM");
        // Once for each connection and half a minute.
        assertThat(sent.split("'enable_seqscan'", -1).length - 1).isLessThanOrEqualTo(4);
    }

    /** The text of a statement goes to the server once for each connection, unless nothing may be prepared there. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void statementsArePlannedOnce(boolean prepares) throws Exception {
        String recording = with(url, "socketFactory", RecordingSockets.class.getName());
        SqlmqConnectionFactory recorded = closeAfterwards(new SqlmqConnectionFactory(
                with(prepares ? recording : with(recording, "prepareThreshold", "0"), "maximumPoolSize", "1")));
        Session session = session(recorded, Session.SESSION_TRANSACTED);
        RecordingSockets.clear();
        for (int i = 0; i < 4; i++) {
            sendIn(session, queue, "m" + i);
            session.commit();
        }
        assertThat(RecordingSockets.sent().split("INSERT INTO ", -1)).hasSize(prepares ? 2 : 5);
    }

    private static void reply(Session session, MessageProducer replies, Message request) {
        try {
            replies.send(request.getJMSReplyTo(), session.createTextMessage(text(request)));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTransactionThatTheApplicationTakesIsAsUsual() throws Exception {
        SqlmqConnectionFactory small = factory("maximumPoolSize=1");
        for (int i = 0; i < 12; i++) {
            send(small, queue, "m" + i);
        }
        Session session = session(small, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        for (int i = 0; i < 12; i++) {
            assertThat(text(receive(consumer))).isEqualTo("m" + i);
            if (i % 3 == 1) {
                assertThat(changed(SqlmqTransactions.connection(session))).isEmpty();
            }
            if (i % 2 == 0) {
                session.commit();
            }
        }
        sendIn(session, queue, "behind");
        assertThat(changed(SqlmqTransactions.connection(session))).isEmpty();
        session.commit();
    }

    /** Where they have to be set for each transaction: the claim that needs them takes them back. */
    @Test
    void theClaimGivesThePlannerBackToAnApplicationThatTakesEachTransaction() throws Exception {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(with(with(url, "socketFactory", RecordingSockets.class.getName()), "prepareThreshold", "0"));
        SqlmqConnectionFactory recorded = closeAfterwards(new SqlmqConnectionFactory(dataSource));
        for (int i = 0; i < 20; i++) {
            send(recorded, queue, "m" + i);
        }
        Session session = session(recorded, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        for (int i = 0; i < 20; i++) {
            if (i == 1) {
                RecordingSockets.clear();
            }
            assertThat(text(receive(consumer))).isEqualTo("m" + i);
            assertThat(changed(SqlmqTransactions.connection(session))).isEmpty();
            session.commit();
        }
        String sent = RecordingSockets.sent();
        String unpins = "SELECT pg_catalog.set_config('enable_seqscan', pg_catalog.split_part";
        assertThat(sent).contains("CASE WHEN (" + unpins);
        assertThat(sent.replace("CASE WHEN (" + unpins, "")).doesNotContain(unpins);
    }

    @Test
    void aConnectionThatTheApplicationTakesFromThePoolIsAsUsual() throws Exception {
        SqlmqConnectionFactory small = factory("maximumPoolSize=1");
        send(small, queue, "one", "two", "three");
        for (String text : new String[] {"one", "two", "three"}) {
            Session session = session(small, Session.AUTO_ACKNOWLEDGE);
            assertThat(text(receive(consumer(session, queue)))).isEqualTo(text);
            session.close();
            try (java.sql.Connection connection = small.getDataSource().getConnection()) {
                assertThat(changed(connection)).isEmpty();
            }
        }
    }

    private static List<String> changed(java.sql.Connection connection) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SWITCHES)) {
            while (rows.next()) {
                if (!rows.getBoolean(2)) {
                    names.add(rows.getString(1));
                }
            }
        }
        return names;
    }

    /** Made by the driver. */
    public static final class RecordingSockets extends SocketFactory {
        private static final ByteArrayOutputStream SENT = new ByteArrayOutputStream();

        static void clear() {
            SENT.reset();
        }

        static String sent() {
            return SENT.toString(StandardCharsets.ISO_8859_1);
        }

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public OutputStream getOutputStream() throws IOException {
                    return new FilterOutputStream(super.getOutputStream()) {
                        @Override
                        public void write(byte[] bytes, int from, int length) throws IOException {
                            SENT.write(bytes, from, length);
                            out.write(bytes, from, length);
                        }
                    };
                }
            };
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return createSocket(InetAddress.getByName(host), port);
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            return createSocket(host, port);
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            Socket socket = createSocket();
            socket.connect(new InetSocketAddress(host, port));
            return socket;
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            return createSocket(host, port);
        }
    }
}
