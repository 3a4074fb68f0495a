package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.Selection;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.errors.Unchecked;
import io.sqlmq.jms.internal.mapping.Inbound;
import io.sqlmq.jms.internal.threads.Lifecycle;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Enumeration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Looks at the messages of a queue without taking them (§4.1.6), one page at a time. */
final class SqlmqQueueBrowser implements QueueBrowser {
    private static final int PAGE = 200;

    private final SqlmqSession session;
    private final Queue queue;
    private final String channel;
    private final @Nullable Selection selection;
    private final @Nullable String selector;
    private final Lifecycle lifecycle;

    SqlmqQueueBrowser(
            SqlmqSession session,
            Queue queue,
            String channel,
            @Nullable Selection selection,
            @Nullable String selector) {
        this.session = session;
        this.queue = queue;
        this.channel = channel;
        this.selection = selection;
        this.selector = selector;
        this.lifecycle = new Lifecycle("browser", session.lifecycle());
    }

    @Override
    public Queue getQueue() throws JMSException {
        lifecycle.checkOpen();
        return queue;
    }

    @Override
    public @Nullable String getMessageSelector() throws JMSException {
        lifecycle.checkOpen();
        return selector;
    }

    @Override
    public Enumeration<Message> getEnumeration() throws JMSException {
        lifecycle.checkOpen();
        return new Pages();
    }

    @Override
    public void close() {
        lifecycle.close();
    }

    @SuppressWarnings("JdkObsolete") // a QueueBrowser returns an Enumeration
    private final class Pages implements Enumeration<Message> {
        private final Deque<Message> page = new ArrayDeque<>();
        private Delivery.@Nullable Row last;
        private boolean atEnd;

        @Override
        public boolean hasMoreElements() {
            while (page.isEmpty() && !atEnd && !lifecycle.isClosed()) {
                try {
                    fetch();
                } catch (JMSException e) {
                    throw Unchecked.of(e);
                }
            }
            return !page.isEmpty();
        }

        @Override
        public Message nextElement() {
            if (!hasMoreElements()) {
                throw new NoSuchElementException("No more messages to browse.");
            }
            return page.remove();
        }

        private void fetch() throws JMSException {
            Engine engine = session.connection().services().engine();
            List<Delivery.Row> rows = ExceptionTranslation.call(
                    "Browsing queue://" + channel, () -> engine.browse(channel, selection, last, PAGE));
            Inbound inbound = session.connection().services().inbound();
            rows.stream()
                    .map(inbound::messageIfReadable)
                    .filter(Objects::nonNull)
                    .forEach(page::add);
            atEnd = rows.size() < PAGE;
            if (!rows.isEmpty()) {
                last = rows.get(rows.size() - 1);
            }
        }
    }
}
