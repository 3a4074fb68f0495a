package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.channel.Channels;
import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.TemporaryNames;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what is in temporary channels that are no more: what came after their end, was committed later, or was delayed.
 * Nobody else can, because the names are nowhere written down. Those of this process it knows; those of processes that are
 * gone it tells by the number in their names. Used by one thread at a time, but for {@link #watch}.
 */
public final class Temporaries {

    private static final Logger LOG = LoggerFactory.getLogger(Temporaries.class);

    private final Database database;
    private final HousekeepingConnection housekeeping;
    private final Threads threads;
    private final Statements sql;
    private final Channels channels;
    private final ConsumerProcess owner;
    private volatile @Nullable Predicate<String> deleted;
    private Set<Integer> goneBefore = Set.of();

    public Temporaries(
            Database database,
            HousekeepingConnection housekeeping,
            Threads threads,
            Statements sql,
            Channels channels,
            ConsumerProcess owner) {
        this.database = database;
        this.housekeeping = housekeeping;
        this.threads = threads;
        this.sql = sql;
        this.channels = channels;
        this.owner = owner;
    }

    /** From now on this process has temporary channels; the predicate tells which of its own are deleted. */
    public void watch(Predicate<String> isDeleted) {
        deleted = isDeleted;
    }

    /** Deletes channels that nobody will consume from again, soon and without being waited for. */
    public void discard(List<String> names) {
        if (!names.isEmpty()) {
            channels.deleted(names);
            threads.workers().execute(() -> {
                Pipeline pipeline = new Pipeline();
                String[] channelNames = names.toArray(String[]::new);
                pipeline.add(sql.discard, p -> p.texts(channelNames).texts(channelNames))
                        .add(sql.discardSchedules, p -> p.texts(channelNames));
                try {
                    database.run(pipeline);
                } catch (SQLException e) {
                    LOG.debug("Messages of {} remain until this process has ended", names, e);
                }
            });
        }
    }

    public void sweep() throws SQLException {
        Predicate<String> isDeleted = deleted;
        int me = owner.idIfKnown();
        List<String> mine = new ArrayList<>();
        Set<Integer> gone = new HashSet<>();
        Pipeline find = new Pipeline();
        if (isDeleted != null) {
            find.query(
                    sql.temporaryNames,
                    p -> p.text(TemporaryNames.PREFIX + me + ":").text(TemporaryNames.PREFIX + me + ";"),
                    rows -> {
                        while (rows.next()) {
                            mine.add(rows.getString(1));
                        }
                    });
        }
        find.query(sql.goneTemporaryOwners, p -> p.bigint(Integer.toUnsignedLong(sql.lockClass())), rows -> {
            while (rows.next()) {
                gone.add(rows.getInt(1));
            }
        });
        housekeeping.run(find);
        if (isDeleted != null) {
            discard(mine.stream().filter(isDeleted).toList());
        }
        // A process of which somebody has deleted the row puts it back before the next look.
        Integer[] surely =
                gone.stream().filter(goneBefore::contains).filter(o -> o != me).toArray(Integer[]::new);
        goneBefore = gone;
        if (surely.length > 0) {
            housekeeping.run(new Pipeline().query(sql.sweepTemporaries, p -> p.integers(surely), rows -> {}));
        }
    }
}
