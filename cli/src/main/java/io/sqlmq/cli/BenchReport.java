package io.sqlmq.cli;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@link Bench} measured, and in words what it means. */
final class BenchReport {
    private static final double FAR_MILLIS = 2;
    private static final double FAST_DISK_MILLIS = 1;
    private static final double SLOW_DISK_MILLIS = 5;
    private static final double LATE_MILLIS = 50;

    private final boolean isSafe;
    private final boolean hasStandbys;
    private final Map<String, Times> measured = new LinkedHashMap<>();

    /** A call: when it began, from the measurement's begin, and how long it took. */
    record Time(long began, long nanos) {
        long ended() {
            return began + nanos;
        }
    }

    /** Calls of one kind: what they had in a second, and how long they took. */
    static final class Times {
        private final double perSecond;
        private final long[] sorted;

        /**
         * Of at least one call.
         *
         * @param messages in each call
         * @param settled calls before do not count, where there are others
         */
        Times(int messages, List<Time> all, long settled) {
            List<Time> late =
                    all.stream().filter(time -> time.began() >= settled).toList();
            List<Time> times = late.isEmpty() ? all : late;
            long first = times.stream().mapToLong(Time::began).min().orElseThrow();
            long last = times.stream().mapToLong(Time::ended).max().orElseThrow();
            perSecond = times.size() * messages * 1e9 / Math.max(1, last - first);
            sorted = times.stream().mapToLong(Time::nanos).sorted().toArray();
        }

        double perSecond() {
            return perSecond;
        }

        /** In milliseconds: that part of the calls took no longer. */
        double millis(double part) {
            return sorted[(int) Math.min(sorted.length - 1L, Math.round(part * sorted.length))] / 1e6;
        }

        double median() {
            return millis(0.5);
        }
    }

    BenchReport(Connection connection) throws SQLException {
        try (PreparedStatement settings = connection.prepareStatement(
                        "SELECT current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off',"
                                + " current_setting('synchronous_standby_names') <> ''"
                                + " AND current_setting('synchronous_commit') NOT IN ('local', 'off')");
                ResultSet row = settings.executeQuery()) {
            row.next();
            isSafe = row.getBoolean(1);
            hasStandbys = row.getBoolean(2);
        }
    }

    void add(String name, Times times) {
        measured.put(name, times);
    }

    /** A line for each measurement; for programs with the judgement, which people are told in sentences below. */
    Table table(boolean judged) {
        Table table = judged
                ? new Table("measured", "per_second", "median_ms", "p99_ms", "judgement")
                : new Table("measured", "per_second", "median_ms", "p99_ms");
        Map<String, String> judgements = judgementsByName();
        measured.forEach((name, times) -> {
            double perSecond = Math.round(times.perSecond());
            @Nullable
            Object[] values = {
                name, (long) perSecond, rounded(times.median()), rounded(times.millis(0.99)), judgements.get(name)
            };
            table.add(judged ? values : java.util.Arrays.copyOf(values, 4));
        });
        return table;
    }

    List<String> judgements() {
        return List.copyOf(judgementsByName().values());
    }

    private Map<String, String> judgementsByName() {
        Map<String, String> judgements = new LinkedHashMap<>();
        judgements.put("round trip", roundTrip());
        judgements.put("commit", commit());
        judgements.put("send to receive", arrival());
        judgements.put("send", send());
        judgements.put("receive", receive());
        return judgements;
    }

    private String roundTrip() {
        double millis = of("round trip").median();
        return "A round trip takes " + ms(millis)
                + (millis < FAR_MILLIS
                        ? ": the database is near."
                        : ": the database is far, and each send, receive and commit of its own waits for it. Let applications "
                                + "run nearer, or put more into a transaction.");
    }

    private String commit() {
        if (!isSafe) {
            return "Commits do not wait for the disk: fsync or synchronous_commit is off. The last messages, or all, may be lost in a "
                    + "crash, and a server that is safe is slower than what was measured.";
        }
        double millis = commitWait();
        String where = hasStandbys ? "the disk and for standbys" : "the disk";
        return "Commits wait " + ms(millis) + " for " + where
                + (millis < FAST_DISK_MILLIS
                        ? ": that is fast. Make sure that the disk, or what caches for it, keeps what it confirms when the power fails."
                        : millis < SLOW_DISK_MILLIS
                                ? ": usual for a disk over a network."
                                : ": that is slow"
                                        + (hasStandbys
                                                ? "."
                                                : "; a disk with a cache that survives power failures needs less than 1 ms.")
                                        + " What shares a commit is as fast as elsewhere.");
    }

    private String arrival() {
        double millis = of("send to receive").median();
        return "A consumer that waits has a message " + ms(millis) + " after its send began"
                + (millis < LATE_MILLIS + of("send").median()
                        ? "."
                        : ": that is late. Notifications may not arrive, `sqlmq doctor` tells (listen).");
    }

    private String send() {
        Times one = of("send");
        StringBuilder text = new StringBuilder("A send of its own takes " + ms(one.median()));
        if (isSafe) {
            text.append(", ")
                    .append(Math.round(Math.min(1, commitWait() / one.median()) * 100))
                    .append(" % of it for the commit to be safe");
        }
        String several = measured.keySet().stream()
                .filter(name -> name.endsWith(" clients"))
                .findFirst()
                .orElseThrow();
        return text + ". Clients at the same time, which share commits, send " + times(of(several), one)
                + " as many a second (" + several.replace("send, ", "") + "); in hundreds, one sends "
                + times(of("send, in hundreds"), one) + ".";
    }

    private String receive() {
        return "One consumer receives " + Math.round(of("receive").perSecond())
                + " a second one by one, and in hundreds " + times(of("receive, in hundreds"), of("receive"))
                + " as many.";
    }

    private double commitWait() {
        return Math.max(0, of("commit").median() - of("round trip").median());
    }

    private Times of(String name) {
        return java.util.Objects.requireNonNull(measured.get(name));
    }

    private static String times(Times more, Times less) {
        return String.format(Locale.ROOT, "%.1f times", more.perSecond() / less.perSecond());
    }

    private static double rounded(double millis) {
        return Math.round(millis * 1_000) / 1_000.0;
    }

    private static String ms(double millis) {
        return String.format(Locale.ROOT, millis < 10 ? "%.2f ms" : "%.0f ms", millis);
    }
}
