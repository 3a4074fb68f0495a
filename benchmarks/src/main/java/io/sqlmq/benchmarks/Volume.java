package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * WAL and commits per message, sent and received. Commits are pg_stat_database.xact_commit, which idle connections
 * report late; so each side is opened and closed within its measurement, and the few
 * transactions of opening it (and of reading the counter) are part of the result.
 */
final class Volume implements Scenario {

    private static final int MESSAGES = 20_000;

    private static final int EACH_MESSAGES = 2_000;
    private static final int BODY = 256;

    private static final String COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
    private static final String IMAGES = "SELECT wal_fpi FROM pg_stat_wal";

    /** Opens a side. */
    @FunctionalInterface
    private interface Opening {
        Side open() throws Exception;
    }

    /** What one side wrote. */
    private record Written(double walBytes, double commits, double images) {}

    @Override
    public String name() {
        return "volume";
    }

    @Override
    public String description() {
        return "WAL bytes and commits per message of 256 B in a queue with a name of 16 characters, no properties. The pages are"
                + " younger than the last checkpoint, so that there are no full-page images (their number is shown); what a"
                + " checkpoint between sending and receiving adds, and what vacuum writes later, are lines of their own.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        Tables tables = bench.tables();
        String body = Texts.of(BODY);
        String queue = Bench.QUEUE;
        int messages = bench.effort().messages(MESSAGES, 100);
        int each = bench.effort().messages(EACH_MESSAGES, 8);
        List<Finding> findings = new ArrayList<>();

        tables.execute("CHECKPOINT");
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
                "batches of 100, sent and received",
                sum(sent, received),
                sum(sentByHand, receivedByHand),
                Target.atMost(720)));
        findings.add(wal("of it sending", sent, sentByHand, null));
        findings.add(wal("of it receiving", received, receivedByHand, null));
        Written both = sum(sent, received);
        findings.add(new Finding(
                name(),
                "full-page images in that",
                Finding.number("%.4f", both.images()),
                "",
                both.images(),
                null,
                ""));
        findings.add(new Finding(name(), "WAL B, vacuum afterwards", amount(vacuum), "", vacuum, null, ""));
        tables.empty();
        tables.fill(queue, messages, body);
        tables.execute("CHECKPOINT");
        Written after = write(bench, messages, () -> new JmsCrew(tables, "", 1, c -> new JmsReceiver(c, queue, 100)));
        findings.add(wal("receiving after a checkpoint", after, received, null));
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
        Tables tables = bench.tables();
        long commits = counter(tables, COMMITS);
        long images = tables.number(IMAGES);
        long wal = bench.usage().walBytes();
        try (Side side = opening.open()) {
            side.run(messages);
        }
        wal = bench.usage().walBytes() - wal;
        commits = Math.max(0, counter(tables, COMMITS) - commits);
        images = tables.number(IMAGES) - images;
        return new Written((double) wal / messages, (double) commits / messages, (double) images / messages);
    }

    private static long counter(Tables tables, String query) throws Exception {
        return new Settled(() -> tables.number(query)).value();
    }

    private static double vacuum(Bench bench, int messages) throws Exception {
        long before = bench.usage().walBytes();
        bench.tables().vacuum();
        return (double) (bench.usage().walBytes() - before) / messages;
    }

    private static Written sum(Written a, Written b) {
        return new Written(a.walBytes() + b.walBytes(), a.commits() + b.commits(), a.images() + b.images());
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
