package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import org.junit.jupiter.api.Test;

/** Client identifiers: §6.1.2. */
class ClientIdTest extends ConformanceTest {

    private final String id = uniqueName();

    private Connection fresh() throws JMSException {
        return closeAfterwards(factory.createConnection());
    }

    @Test
    void aConnectionHasNoneUnlessSet() throws JMSException {
        assertThat(fresh().getClientID()).isNull();
    }

    @Test
    void itIsKept() throws JMSException {
        Connection identified = fresh();
        identified.setClientID(id);
        assertThat(identified.getClientID()).isEqualTo(id);
        identified.start();
        assertThat(identified.getClientID()).isEqualTo(id);
    }

    @Test
    void itIsUnique() throws JMSException {
        fresh().setClientID(id);
        Connection second = fresh();
        assertThatThrownBy(() -> second.setClientID(id)).isInstanceOf(InvalidClientIDException.class);
        second.setClientID(id + "-other");
    }

    @Test
    void itIsFreeAgainWhenItsConnectionIsClosed() throws JMSException {
        Connection first = factory.createConnection();
        first.setClientID(id);
        first.close();
        fresh().setClientID(id);
    }

    @Test
    void itIsNotSetTwice() throws JMSException {
        Connection identified = fresh();
        identified.setClientID(id);
        assertThatThrownBy(() -> identified.setClientID(id + "-other")).isInstanceOf(IllegalStateException.class);
        assertThat(identified.getClientID()).isEqualTo(id);
    }

    @Test
    void itIsNotSetAfterTheConnectionWasStarted() throws JMSException {
        Connection used = fresh();
        used.start();
        assertThatThrownBy(() -> used.setClientID(id)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void itIsNotSetAfterTheConnectionMadeASession() throws JMSException {
        Connection used = fresh();
        used.createSession(Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> used.setClientID(id)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void itMayBeSetAfterWhatDoesNotUseTheConnection() throws JMSException {
        Connection quiet = fresh();
        quiet.setExceptionListener(failure -> {});
        quiet.stop();
        quiet.getMetaData();
        quiet.setClientID(id);
        assertThat(quiet.getClientID()).isEqualTo(id);
    }

    @Test
    void itIsNotSetAfterTheConnectionWasStartedAndStopped() throws JMSException {
        Connection used = fresh();
        used.start();
        used.stop();
        assertThatThrownBy(() -> used.setClientID(id)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void emptyOrNullIsRefused() throws JMSException {
        Connection unidentified = fresh();
        assertThatThrownBy(() -> unidentified.setClientID("")).isInstanceOf(InvalidClientIDException.class);
        assertThatThrownBy(() -> unidentified.setClientID(null)).isInstanceOf(InvalidClientIDException.class);
    }

    @Test
    void aContextHasOneToo() {
        JMSContext context = context();
        assertThat(context.getClientID()).isNull();
        context.setClientID(id);
        assertThat(context.getClientID()).isEqualTo(id);
        JMSContext second = context();
        assertThatThrownBy(() -> second.setClientID(id)).isInstanceOf(InvalidClientIDRuntimeException.class);
    }

    @Test
    void aContextThatWasUsedTakesNone() {
        JMSContext context = context();
        context.createConsumer(queue);
        assertThatThrownBy(() -> context.setClientID(id)).isInstanceOf(IllegalStateRuntimeException.class);
    }
}
