package io.sqlmq.jms.internal.mapping;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;

/**
 * How a message is sent. Checked when made.
 *
 * @param timeToLive milliseconds, 0 for ever
 * @param deliveryDelay milliseconds
 */
public record SendOptions(
        int deliveryMode,
        int priority,
        long timeToLive,
        long deliveryDelay,
        boolean withoutMessageId,
        boolean withoutTimestamp) {

    public static int checkDeliveryMode(int mode) throws JMSException {
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) {
            throw invalid("Delivery mode " + mode + " is neither PERSISTENT (2) nor NON_PERSISTENT (1).");
        }
        return mode;
    }

    public static int checkPriority(int priority) throws JMSException {
        if (priority < 0 || priority > 9) {
            throw invalid("Priority " + priority + " is not between 0 and 9.");
        }
        return priority;
    }

    public static long checkTimeToLive(long millis) throws JMSException {
        if (millis < 0) {
            throw invalid("A time to live of " + millis + " ms is negative. Use 0 for ever.");
        }
        return millis;
    }

    public static long checkDeliveryDelay(long millis) throws JMSException {
        if (millis < 0) {
            throw invalid("A delivery delay of " + millis + " ms is negative.");
        }
        return millis;
    }

    private static JMSException invalid(String text) {
        return new JMSException(text, "SEND_OPTION");
    }
}
