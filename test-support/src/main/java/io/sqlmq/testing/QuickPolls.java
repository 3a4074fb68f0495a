package io.sqlmq.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.pollinterval.IterativePollInterval;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Conditions that tests wait for are looked at soon and often at first, and then ten times a second as is usual. */
public final class QuickPolls implements LauncherSessionListener {

    private static final Duration FIRST = Duration.ofMillis(5);
    private static final Duration LONGEST = Duration.ofMillis(100);

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Awaitility.setDefaultPollDelay(FIRST);
        Awaitility.setDefaultPollInterval(IterativePollInterval.iterative(QuickPolls::next, FIRST));
    }

    private static Duration next(Duration before) {
        Duration next = before.multipliedBy(2);
        return next.compareTo(LONGEST) < 0 ? next : LONGEST;
    }
}
