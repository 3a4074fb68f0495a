package io.sqlmq.benchmarks.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs rounds at one site after the other. */
final class Arena {

    private static final String PRODUCERS = "producers";
    private static final String CONSUMERS = "consumers";
    private static final int SETTLING_MILLIS = 300;

    /** What was measured of a round, what its parts say, and all that was sent, by producer. */
    private record Seen(Outcome sent, List<Long> all, Outcome received, long began, long ended, Site.Usage usage) {}

    /** Runs one round and checks what came. */
    Round round(PeerScenario scenario, Load load, Site site, int number) throws Exception {
        long run = Micros.now();
        Seen seen;
        Postgres server = site.postgres();
        try (AutoCloseable beside = server == null ? () -> {} : server.begin(load.disturbance())) {
            seen = run(load, site, run);
        }
        List<Ledger> ledgers = seen.received().ledgers().isEmpty()
                ? seen.sent().ledgers()
                : seen.received().ledgers();
        List<Long> sent = seen.all();
        long messages = Math.max(1, load.wanted(seen.sent().allSent()));
        Site.Usage usage = seen.usage();
        boolean stored = site.postgres() != null;
        Traffic.Amounts traffic = usage.traffic();
        Map<String, Double> cpu = new TreeMap<>();
        usage.cpuNanos().forEach((name, nanos) -> cpu.put(name, nanos / 1e3 / messages));
        Micros micros =
                load.order() == Load.Order.SENDS || seen.received().micros().isEmpty()
                        ? seen.sent().micros()
                        : seen.received().micros();
        return new Round(
                scenario.name(),
                load.name(),
                site.peer().label(),
                number,
                messages,
                messages * 1e6 / (seen.ended() - seen.began()),
                Round.quantiles(micros),
                cpu,
                stored ? (double) traffic.work() / messages : null,
                stored ? (double) traffic.claims() / messages : null,
                stored ? (double) traffic.roundTrips() / messages : null,
                stored ? (double) traffic.commits() / messages : null,
                stored ? (double) usage.writers() / messages : null,
                stored ? (double) usage.walBytes() / messages : null,
                Round.frequent(traffic, messages),
                ledgers.stream().mapToLong(ledger -> ledger.lost(sent)).sum(),
                ledgers.stream().mapToLong(Ledger::doubled).sum(),
                ledgers.stream().mapToLong(Ledger::reordered).sum(),
                ledgers.stream().mapToLong(Ledger::overtaken).sum(),
                Round.lastToFirst(seen.received().bySecond()));
    }

    private static Seen run(Load load, Site site, long run) throws Exception {
        Producing standing = load.standing();
        return switch (load.order()) {
            case TOGETHER -> standing == null ? together(load, site, run) : above(standing, load, site, run);
            case SENDS -> sends(load, site, run);
            case BACKLOG -> backlog(load, site, run);
        };
    }

    /** Sends what is to lie in the queue, then both together, then receives what still lies there. */
    private static Seen above(Producing standing, Load load, Site site, long run) throws Exception {
        site.producers().ask(new Part.Tasks.Open(PRODUCERS, standing, run));
        Outcome lying = goAndEnd(site.producers(), PRODUCERS, 0);
        Seen seen = together(load, site, run);
        List<Long> all = new ArrayList<>(lying.sent());
        for (int i = 0; i < seen.all().size(); i++) {
            all.set(i, all.get(i) + seen.all().get(i));
        }
        receiveRest(load, site, run, lying.allSent() + seen.sent().allSent(), seen.received());
        return new Seen(seen.sent(), all, seen.received(), seen.began(), seen.ended(), seen.usage());
    }

    private static void receiveRest(Load load, Site site, long run, long sent, Outcome received) throws Exception {
        Consuming rest = load.rest();
        if (rest != null) {
            Ledger ledger = received.ledgers().get(0);
            site.consumers().ask(new Part.Tasks.Open(CONSUMERS, rest, run));
            Outcome others = goAndEnd(site.consumers(), CONSUMERS, sent - ledger.received());
            ledger.addAll(others.ledgers().get(0));
        }
    }

    private static Seen together(Load load, Site site, long run) throws Exception {
        site.consumers().ask(new Part.Tasks.Open(CONSUMERS, load.consumers(), run));
        site.consumers().ask(new Part.Tasks.Go(CONSUMERS));
        site.producers().ask(new Part.Tasks.Open(PRODUCERS, load.producers(), run));
        Thread.sleep(SETTLING_MILLIS); // consumers register and begin to wait
        Site.Usage before = site.usage();
        site.producers().ask(new Part.Tasks.Go(PRODUCERS));
        site.producers().ask(new Part.Tasks.Await(PRODUCERS, 0));
        Outcome sent = site.producers().ask(new Part.Tasks.Tell(PRODUCERS));
        site.consumers().ask(new Part.Tasks.Await(CONSUMERS, sent.allSent()));
        Site.Usage usage = site.usage().since(before);
        Outcome received = end(site.consumers(), CONSUMERS);
        site.producers().ask(new Part.Tasks.Close(PRODUCERS));
        return new Seen(sent, sent.sent(), received, sent.began(), Math.max(sent.ended(), received.ended()), usage);
    }

    private static Seen sends(Load load, Site site, long run) throws Exception {
        site.producers().ask(new Part.Tasks.Open(PRODUCERS, load.producers(), run));
        Site.Usage before = site.usage();
        Outcome sent = goAndEnd(site.producers(), PRODUCERS, 0);
        Site.Usage usage = site.usage().since(before);
        site.consumers().ask(new Part.Tasks.Open(CONSUMERS, load.consumers(), run));
        Outcome received = goAndEnd(site.consumers(), CONSUMERS, sent.allSent());
        return new Seen(sent, sent.sent(), received, sent.began(), sent.ended(), usage);
    }

    private static Seen backlog(Load load, Site site, long run) throws Exception {
        site.producers().ask(new Part.Tasks.Open(PRODUCERS, load.producers(), run));
        Outcome sent = goAndEnd(site.producers(), PRODUCERS, 0);
        site.consumers().ask(new Part.Tasks.Open(CONSUMERS, load.consumers(), run));
        Site.Usage before = site.usage();
        site.consumers().ask(new Part.Tasks.Go(CONSUMERS));
        site.consumers().ask(new Part.Tasks.Await(CONSUMERS, load.wanted(sent.allSent())));
        Site.Usage usage = site.usage().since(before);
        Outcome received = end(site.consumers(), CONSUMERS);
        receiveRest(load, site, run, sent.allSent(), received);
        return new Seen(sent, sent.sent(), received, received.began(), received.ended(), usage);
    }

    private static Outcome goAndEnd(Child child, String part, long expected) throws Exception {
        child.ask(new Part.Tasks.Go(part));
        child.ask(new Part.Tasks.Await(part, expected));
        return end(child, part);
    }

    private static Outcome end(Child child, String part) throws Exception {
        Outcome outcome = child.ask(new Part.Tasks.Tell(part));
        child.ask(new Part.Tasks.Close(part));
        return outcome;
    }
}
