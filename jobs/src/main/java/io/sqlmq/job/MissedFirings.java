package io.sqlmq.job;

/**
 * What becomes of the times at which a {@linkplain Jobs#schedule schedule} was due and no process was there, or none could reach the
 * database. Stored with the schedule.
 */
public final class MissedFirings {
    private static final int MOST = 1_000;

    private static final MissedFirings ONCE = new MissedFirings(1);
    private static final MissedFirings SKIP = new MissedFirings(0);

    private final int most;

    private MissedFirings(int most) {
        this.most = most;
    }

    /** One job for all of them, as soon as a process is there. The default. */
    public static MissedFirings once() {
        return ONCE;
    }

    /** No job, unless the last one was due less than a minute ago. */
    public static MissedFirings skip() {
        return SKIP;
    }

    /**
     * A job for each of them.
     *
     * @param most but not more than this, 1 to 1,000
     * @throws IllegalArgumentException if it is not that
     */
    public static MissedFirings all(int most) {
        if (most < 1 || most > MOST) {
            throw new IllegalArgumentException("1 to " + MOST + " missed times can be made up for, not " + most);
        }
        return new MissedFirings(most);
    }

    int most() {
        return most;
    }
}
