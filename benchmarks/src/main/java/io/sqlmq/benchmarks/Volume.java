package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * WAL and commits per message, sent and received. Commits are pg_stat_database.xact_commit, which idle connections
 * report late; so each side is opened and closed within its measurement.
 */
final class Volume implements Scenario {

    private static final int MESSAGES = 20_000;

    private static final int EACH_MESSAGES = 2_000;
    private static final int BODY = 256;

    /** Opens a side. */
    @FunctionalInterface
    private interface Opening {
        Side open() throws Exception;
    }

    /** What one side wrote. */
    private record Written(double walBytes, double commits) {}

    @Override
    public String name() {
        return "volume";
    }

    @Override
    public String description() {
        return "WAL bytes and commits per message of 256 B in a queue with a name of 16 characters, no properties. Full-page"
                + " images are off for this measurement where the role may do that (ALTER SYSTEM SET full_page_writes);"
                + " what vacuum writes later is a line of its own.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        Tables tables = bench.tables();
        boolean switched = switchFullPageWrites(tables, "off");
        try {
            return measure(bench, switched ? "" : ", with full-page images");
        } finally {
            if (switched) {
                tables.execute("ALTER SYSTEM RESET full_page_writes");
                tables.execute("SELECT pg_reload_conf()");
            }
        }
    }

    private static boolean switchFullPageWrites(Tables tables, String value) throws Exception {
        if (!tables.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
                .equals("t")) {
            return false;
        }
        tables.execute("ALTER SYSTEM SET full_page_writes = " + value);
        tables.execute("SELECT pg_reload_conf()");
        tables.execute("CHECKPOINT"); // by when everybody has read it
        return tables.text("SHOW full_page_writes").equals(value);
    }

    private List<Finding> measure(Bench bench, String note) throws Exception {
        Tables tables = bench.tables();
        String body = Bench.body(BODY);
        String queue = Bench.QUEUE;
        int messages = bench.effort().messages(MESSAGES, 100);
        int each = bench.effort().messages(EACH_MESSAGES, 8);
        List<Finding> findings = new ArrayList<>();

        tables.empty();
        Written sent =
                write(bench, messages, () -> new JmsCrew(tables, "", 1, c -> new JmsSender(c, queue, body, 100)));
        bench.requireCount(messages);
        Written received =
                write(bench, messages, () -> new JmsCrew(tables, "", 1, c -> new JmsReceiver(c, queue, 100)));
        bench.requireCount(0);
        double vacuum = vacuum(bench, messages);
        tables.empty();
        Written sentByHand = write(bench, messages, () -> Crew.of(1, () -> new HandSender(tables, queue, body, 100)));
        Written receivedByHand = write(bench, messages, () -> Crew.of(1, () -> transacted(tables, queue, 100)));
        bench.requireCount(0);
        findings.add(wal(
                "batches of 100, sent and received" + note,
                sum(sent, received),
                sum(sentByHand, receivedByHand),
                Target.atMost(720)));
        findings.add(wal("of it sending", sent, sentByHand, null));
        findings.add(wal("of it receiving", received, receivedByHand, null));
        findings.add(new Finding(name(), "WAL B, vacuum afterwards", amount(vacuum), "", vacuum, null, ""));
        findings.add(commits("batches of 100, sent", sent, sentByHand));
        findings.add(commits("batches of 100, received", received, receivedByHand));

        tables.empty();
        Written one = write(bench, each, () -> new JmsCrew(tables, "", 1, c -> new JmsSender(c, queue, body, 1)));
        Written eight = write(bench, each, () -> new JmsCrew(tables, "", 8, c -> new JmsSender(c, queue, body, 1)));
        bench.requireCount(2 * each);
        Written auto = write(
                bench, 2 * each, () -> new JmsCrew(tables, "", 1, c -> new JmsReceiver(c, queue, JmsReceiver.AUTO)));
        bench.requireCount(0);
        findings.add(commits("each sent, 1 thread", one, null));
        findings.add(commits("each sent, 8 threads", eight, null));
        findings.add(commits("receive() in AUTO", auto, null));
        tables.fill(queue, messages, body);
        Written listened = write(bench, messages, () -> new JmsListeners(tables, "", queue, 1));
        findings.add(commits("listener in AUTO", listened, null));
        bench.requireCount(0);
        return findings;
    }

    private static Worker transacted(Tables tables, String queue, int perCommit) throws Exception {
        return new HandReceiver(tables, queue, HandReceiver.Style.TRANSACTED, perCommit);
    }

    private static Written write(Bench bench, int messages, Opening opening) throws Exception {
        long commits = commits(bench.tables());
        long wal = bench.usage().walBytes();
        try (Side side = opening.open()) {
            side.run(messages);
        }
        wal = bench.usage().walBytes() - wal;
        long own = 4; // statements of this class in between, which its own connection reports in time
        return new Written(
                (double) wal / messages, (double) Math.max(0, commits(bench.tables()) - commits - own) / messages);
    }

    private static long commits(Tables tables) throws Exception {
        Settled settled = new Settled(
                () -> tables.number("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"));
        return settled.value();
    }

    private static double vacuum(Bench bench, int messages) throws Exception {
        long before = bench.usage().walBytes();
        bench.tables().vacuum();
        return (double) (bench.usage().walBytes() - before) / messages;
    }

    private static Written sum(Written a, Written b) {
        return new Written(a.walBytes() + b.walBytes(), a.commits() + b.commits());
    }

    private Finding wal(String what, Written ours, Written byHand, @Nullable Target target) {
        return new Finding(
                name(),
                "WAL B, " + what,
                amount(ours.walBytes()),
                amount(byHand.walBytes()),
                ours.walBytes(),
                target,
                "");
    }

    private Finding commits(String what, Written ours, @Nullable Written byHand) {
        return new Finding(
                name(),
                "commits, " + what,
                Finding.number("%.3f", ours.commits()),
                byHand == null ? "" : Finding.number("%.3f", byHand.commits()),
                ours.commits(),
                null,
                "");
    }

    private static String amount(double bytes) {
        return Finding.number("%,.0f", bytes);
    }
}
