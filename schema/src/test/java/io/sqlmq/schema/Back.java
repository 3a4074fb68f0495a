package io.sqlmq.schema;

/** What mq_give_back is told of a message: the end of a delivery that neither counts nor failed, at once, unless said otherwise. */
record Back(String id, boolean unlogged, Long token, int counted, int failed, long delay, String dead, String reason) {

    static Back of(String id) {
        return new Back(id, false, null, 0, 0, 0, null, null);
    }

    Back fromUnlogged() {
        return new Back(id, true, token, counted, failed, delay, dead, reason);
    }

    Back leasedBy(long lease) {
        return new Back(id, unlogged, lease, counted, failed, delay, dead, reason);
    }

    Back counted(int deliveries, int failures) {
        return new Back(id, unlogged, token, deliveries, failures, delay, dead, reason);
    }

    Back after(long millis) {
        return new Back(id, unlogged, token, counted, failed, millis, dead, reason);
    }

    Back parkedIn(String queue, String why) {
        return new Back(id, unlogged, token, counted, failed, delay, queue, why);
    }

    Back setAside(String why) {
        return parkedIn(null, why);
    }
}
