package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** What it costs that somebody listens: everything is counted (MBeans), against the same while nobody does. */
final class Observed implements Scenario {

    private static final String ON = "sqlmq.jmx=true";
    private static final String OFF = "";
    private static final int MESSAGES = 60_000;
    private static final List<Integer> THREADS = List.of(1, 4);

    @Override
    public String name() {
        return "observed";
    }

    @Override
    public String description() {
        return "Sends and AUTO_ACKNOWLEDGE listeners of 1 KB messages with all that happens counted (jmx=true), against the same"
                + " with nobody listening. Not by hand: both sides are sqlmq.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        String body = Texts.of(1024);
        List<Finding> findings = new ArrayList<>();
        for (int threads : THREADS) {
            int sent = bench.effort().messages(Threads.messages(1, 1024, threads), threads);
            try (Side on = senders(bench, ON, threads, body);
                    Side off = senders(bench, OFF, threads, body)) {
                findings.add(Finding.rate(
                        name(),
                        Threads.what(threads, 1024),
                        bench.compare(Bench.Direction.SEND, sent, body, on, off),
                        null));
            }
            int received = bench.effort().messages(MESSAGES, threads);
            try (Side on = new JmsListeners(bench.tables(), ON, Bench.QUEUE, threads);
                    Side off = new JmsListeners(bench.tables(), OFF, Bench.QUEUE, threads)) {
                findings.add(Finding.rate(
                        name(),
                        Threads.listeners(threads),
                        bench.compare(Bench.Direction.RECEIVE, received, body, on, off),
                        null));
            }
        }
        return findings;
    }

    private static Side senders(Bench bench, String options, int threads, String body) throws Exception {
        return new JmsCrew(
                bench.tables(), options, threads, connection -> new JmsSender(connection, Bench.QUEUE, body, 1));
    }
}
