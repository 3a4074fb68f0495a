package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.ListenState;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.schedule.Schedules;
import java.util.List;

/** Does the {@link Chores}, a round at a time. */
public final class ChoreRounds {

    /** Every so many rounds this process is marked alive, and more is swept. */
    private static final long SELDOM = 4;

    /** Every so many of those, what is done rarely. */
    private static final long RARELY = 3;

    private final Database database;
    private final Recurring recurring;
    private final ListenState listenState;
    private final Schedules schedules;
    private final Registrations registrations;
    private final Chores chores;
    private final Job round;
    private long sinceSeldom;
    private long sinceRarely;

    public ChoreRounds(
            Database database,
            Threads threads,
            Recurring recurring,
            ListenState listenState,
            Schedules schedules,
            Registrations registrations,
            Chores chores) {
        this.database = database;
        this.recurring = recurring;
        this.listenState = listenState;
        this.schedules = schedules;
        this.registrations = registrations;
        this.chores = chores;
        this.round = new Job(threads, recurring, "upkeep", this::round);
    }

    /** Has one done soon. */
    void start() {
        round.start();
    }

    private void round() {
        if (database.isDown()) {
            return;
        }
        doAll(chores.often());
        registrations.register();
        if (!listenState.isListening() || sinceSeldom == 0) {
            schedules.look();
        }
        if (++sinceSeldom >= SELDOM) {
            sinceSeldom = 0;
            doAll(chores.seldom());
            if (++sinceRarely >= RARELY) {
                sinceRarely = 0;
                doAll(chores.rarely());
            }
        }
    }

    private void doAll(List<Chores.Chore> some) {
        some.forEach(chore -> recurring.run(chore.what(), chore.work()));
    }
}
