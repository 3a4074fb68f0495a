package io.sqlmq.console;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Somebody who is logged in. Thread-safe. */
final class Session {
    private final String id;
    private final String csrf;
    private final Role role;
    private final AtomicInteger viewers = new AtomicInteger();
    private long usedAt;
    private @Nullable String told;
    private boolean isOver;

    Session(String id, String csrf, Role role, long now) {
        this.id = id;
        this.csrf = csrf;
        this.role = role;
        this.usedAt = now;
    }

    String id() {
        return id;
    }

    /** Has to come with each POST. */
    String csrf() {
        return csrf;
    }

    Role role() {
        return role;
    }

    /** Its pages that are live at the moment. */
    AtomicInteger viewers() {
        return viewers;
    }

    synchronized void use(long now) {
        usedAt = now;
    }

    synchronized boolean isIdleSince(long time) {
        return usedAt < time;
    }

    synchronized void end() {
        isOver = true;
    }

    synchronized boolean isOver() {
        return isOver;
    }

    /** For the next page. */
    synchronized void tell(String what) {
        told = what;
    }

    synchronized @Nullable String takeTold() {
        String what = told;
        told = null;
        return what;
    }
}
