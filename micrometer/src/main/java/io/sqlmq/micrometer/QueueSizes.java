package io.sqlmq.micrometer;

import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.sqlmq.jms.QueueSize;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gauges of the sizes of queues in one registry: what is shown is what was found last. */
final class QueueSizes {
    private static final Logger log = LoggerFactory.getLogger(QueueSizes.class);
    private static final long LIMIT = 10_000;

    private final SqlmqConnectionFactory factory;
    private final int queues;
    private final MultiGauge messages;
    private final MultiGauge oldest;
    private boolean failed;

    QueueSizes(SqlmqConnectionFactory factory, int queues, Meters meters) {
        this.factory = factory;
        this.queues = queues;
        this.messages = meters.gauges(SqlmqMeter.QUEUE_MESSAGES, "messages");
        this.oldest = meters.gauges(SqlmqMeter.QUEUE_OLDEST, "seconds");
    }

    /** Asks the database, by one statement. What cannot be known is not shown. */
    void look() {
        List<Row<?>> counts = new ArrayList<>();
        List<Row<?>> ages = new ArrayList<>();
        try {
            for (QueueSize size : factory.admin().sizes(queues, LIMIT)) {
                Tags tags = Tags.of(SqlmqMeter.Names.DESTINATION_TAG, size.queue());
                counts.add(Row.of(tags, size.messages()));
                Duration age = size.oldest();
                ages.add(Row.of(tags, age == null ? 0 : age.toMillis() / 1000.0));
            }
            failed = false;
        } catch (JMSException | RuntimeException e) {
            if (!failed && !factory.isClosed()) {
                log.warn("The sizes of queues cannot be measured: {}", e.getMessage());
            }
            failed = true;
        }
        messages.register(counts, true);
        oldest.register(ages, true);
    }
}
