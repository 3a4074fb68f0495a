package io.sqlmq.jms;

/** What {@link SqlmqAdmin#messages} pages through, each in an order of its own. */
public enum MessagePart {
    /** What may be delivered, or is being, in the order of delivery. */
    READY,
    /** What is delayed, backs off after a failed delivery, or is worked on for longer; by when it is due. */
    WAITING,
    /** What can be neither delivered nor parked; by age. */
    SET_ASIDE
}
