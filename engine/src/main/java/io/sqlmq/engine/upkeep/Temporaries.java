package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.jdbc.Pipeline;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what is in temporary channels that are no more: what came after their end, was committed later, or was delayed.
 * Nobody else can, because the names are nowhere written down. Those of this process it knows; those of processes that are
 * gone it tells by the number in their names. Used by one thread at a time, but for {@link #watch}.
 */
public final class Temporaries {

    private final Engine engine;
    private volatile @Nullable Predicate<String> deleted;
    private Set<Integer> goneBefore = Set.of();

    public Temporaries(Engine engine) {
        this.engine = engine;
    }

    /** From now on this process has temporary channels; the predicate tells which of its own are deleted. */
    public void watch(Predicate<String> isDeleted) {
        deleted = isDeleted;
    }

    void sweep() throws SQLException {
        Predicate<String> isDeleted = deleted;
        int me = engine.owner().idIfKnown();
        List<String> mine = new ArrayList<>();
        Set<Integer> gone = new HashSet<>();
        Pipeline find = new Pipeline();
        if (isDeleted != null) {
            find.query(
                    engine.sql().temporaryNames,
                    p -> p.text(Engine.TEMPORARY + me + ":").text(Engine.TEMPORARY + me + ";"),
                    rows -> {
                        while (rows.next()) {
                            mine.add(rows.getString(1));
                        }
                    });
        }
        find.query(
                engine.sql().goneTemporaryOwners,
                p -> p.bigint(Integer.toUnsignedLong(engine.sql().lockClass())),
                rows -> {
                    while (rows.next()) {
                        gone.add(rows.getInt(1));
                    }
                });
        engine.runHousekeeping(find);
        if (isDeleted != null) {
            engine.discard(mine.stream().filter(isDeleted).toList());
        }
        // A process of which somebody has deleted the row puts it back before the next look.
        Integer[] surely =
                gone.stream().filter(goneBefore::contains).filter(o -> o != me).toArray(Integer[]::new);
        goneBefore = gone;
        if (surely.length > 0) {
            engine.runHousekeeping(
                    new Pipeline().query(engine.sql().sweepTemporaries, p -> p.integers(surely), rows -> {}));
        }
    }
}
