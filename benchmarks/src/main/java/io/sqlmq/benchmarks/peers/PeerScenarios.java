package io.sqlmq.benchmarks.peers;

import io.sqlmq.benchmarks.peers.Load.Order;
import io.sqlmq.benchmarks.peers.Producing.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** All there are. Messages are of 1 KB unless a scenario says otherwise. */
final class PeerScenarios {

    private static final int BYTES = 1024;
    private static final String MESSAGES = "messages";

    static final List<PeerScenario> ALL = List.of(
            live("live-2", 2, 1.2),
            live("live-8", 8, 1),
            requestReply(),
            topic(),
            rollback(),
            latency(),
            delay(),
            selector(),
            listeners(),
            sends(
                    "send-each",
                    "Producers that have each message durable when send() returns",
                    Producing.Way.EACH,
                    Map.of(1, 1.9, 8, 3.5)),
            sends("send-batch", "A producer that commits each hundred", Producing.Way.HUNDRED, Map.of(1, 2.5)),
            sends(
                    "send-async",
                    "A producer that does not wait, until everything is durable",
                    Producing.Way.ASYNCHRONOUS,
                    Map.of(1, 3.5)),
            receive(),
            receiveLoops(),
            queues(),
            many("producers-64", 64, 2),
            many("consumers-100", 2, 100),
            bodies(),
            kinds("priorities", "messages of ten priorities", Kind.PRIORITIES),
            kinds("groups", "messages of 4,000 groups", Kind.GROUPS),
            depth(),
            disturbed(
                    "open-transaction",
                    "with a transaction left open all the while, which keeps dead rows",
                    Disturbance.OPEN_TRANSACTION),
            disturbed(
                    "replication-slot",
                    "with a replication slot that nobody reads, which keeps write-ahead log",
                    Disturbance.REPLICATION_SLOT));

    private PeerScenarios() {}

    private static PeerScenario live(String name, int count, double wanted) {
        return new PeerScenario(
                name,
                count + " producers, each send durable, and " + count + " AUTO_ACKNOWLEDGE listeners at once.",
                MESSAGES,
                extent -> List.of(live(name, count + " + " + count, count, count, BYTES, extent)
                        .wanting(Goal.ratio(wanted))));
    }

    private static Load live(String queue, String name, int producers, int consumers, int bytes, Extent extent) {
        Place place = queue(queue);
        return Load.of(
                name,
                Order.TOGETHER,
                Producing.plain(place, producers, bytes, extent.time(), Producing.Way.EACH),
                Consuming.plain(place, consumers, Consuming.Way.LISTENER));
    }

    private static PeerScenario requestReply() {
        Place place = queue("request-reply");
        int count = 4;
        return new PeerScenario(
                "request-reply",
                count + " that send a request and wait for its reply on a temporary queue, and " + count
                        + " AUTO_ACKNOWLEDGE listeners that reply.",
                "requests",
                extent -> List.of(Load.of(
                                count + " + " + count,
                                Order.TOGETHER,
                                new Requesting(place, count, BYTES, extent.time()),
                                new Replying(place, count))
                        .wanting(Goal.ratio(1))));
    }

    private static PeerScenario topic() {
        Place place = new Place("benchmark.topic", true, 1);
        return new PeerScenario(
                "topic-4",
                "2 producers, each send durable, to a topic with 4 durable subscriptions, each with a listener.",
                "sends",
                extent -> List.of(Load.of(
                                "2 + 4",
                                Order.TOGETHER,
                                Producing.plain(place, 2, BYTES, extent.time(), Producing.Way.EACH),
                                Consuming.plain(place, 4, Consuming.Way.LISTENER))
                        .wanting(Goal.ratio(1.2))));
    }

    private static PeerScenario rollback() {
        Place place = queue("rollback");
        return new PeerScenario(
                "rollback",
                "Two consumers on a backlog; each message is rolled back once and then committed.",
                MESSAGES,
                extent -> List.of(backlog(place, "2 consumers", extent.messages(1_000), Consuming.Way.ROLLBACK, 2)
                        .wanting(Goal.ratio(1.2))));
    }

    private static PeerScenario latency() {
        Place place = queue("latency");
        return new PeerScenario(
                "latency",
                "200 messages a second of one producer, from before send() until the listener is called.",
                MESSAGES,
                extent -> List.of(Load.of(
                                "200/s",
                                Order.TOGETHER,
                                Producing.plain(place, 1, BYTES, extent.time(), Producing.Way.EACH)
                                        .paced(200),
                                Consuming.plain(place, 1, Consuming.Way.LISTENER))
                        .wanting(Goal.latency())));
    }

    private static PeerScenario delay() {
        Place place = queue("delay");
        return new PeerScenario(
                "delay",
                "200 messages a second that are to be delivered a second later; the latency is what they are late.",
                MESSAGES,
                extent -> List.of(Load.of(
                                "200/s",
                                Order.TOGETHER,
                                Producing.plain(place, 1, BYTES, extent.time(), Producing.Way.EACH)
                                        .of(Kind.DELAYED)
                                        .paced(200),
                                new Consuming(place, 1, Consuming.Way.LISTENER, Kind.DELAYED, null))
                        .wanting(Goal.micros(2_000, 6_000))));
    }

    private static PeerScenario selector() {
        Place place = queue("selector");
        return new PeerScenario(
                "selector",
                "A listener whose selector matches 1 in 10 of a backlog of 20,000.",
                MESSAGES,
                extent -> List.of(new Load(
                        "1 in 10",
                        Order.BACKLOG,
                        Producing.plain(place, 1, BYTES, extent.messages(20_000), Producing.Way.HUNDRED)
                                .of(Kind.TENTHS),
                        new Consuming(place, 1, Consuming.Way.LISTENER, Kind.TENTHS, Kind.PROPERTY + " = 3"),
                        Consuming.plain(place, 2, Consuming.Way.LISTENER),
                        Goal.ratio(1.2),
                        null,
                        Disturbance.NONE)));
    }

    private static PeerScenario listeners() {
        Place place = queue("listeners");
        return new PeerScenario(
                "listeners",
                "AUTO_ACKNOWLEDGE listeners on a backlog.",
                MESSAGES,
                extent -> List.of(
                        backlog(place, consumers(1), extent.messages(40_000), Consuming.Way.LISTENER, 1)
                                .wanting(Goal.ratio(2.5)),
                        backlog(place, consumers(8), extent.messages(40_000), Consuming.Way.LISTENER, 8)
                                .wanting(Goal.ratio(1.5))));
    }

    private static PeerScenario receive() {
        Place place = queue("receive");
        return new PeerScenario(
                "receive",
                "One consumer on a backlog, 1 and 100 messages in a transaction.",
                MESSAGES,
                extent -> List.of(
                        backlog(place, "1 a commit", extent.messages(10_000), Consuming.Way.ONE, 1)
                                .wanting(Goal.ratio(1.5)),
                        backlog(place, "100 a commit", extent.messages(40_000), Consuming.Way.HUNDRED, 1)
                                .wanting(Goal.ratio(2))));
    }

    private static Load backlog(Place place, String name, Limit messages, Consuming.Way way, int consumers) {
        return Load.of(
                name,
                Order.BACKLOG,
                Producing.plain(place, 1, BYTES, messages, Producing.Way.HUNDRED),
                Consuming.plain(place, consumers, way));
    }

    /** Cases with so many producers each, and what ratio is wanted of each. */
    private static PeerScenario sends(String name, String description, Producing.Way way, Map<Integer, Double> wanted) {
        Place place = queue(name);
        return new PeerScenario(
                name,
                description + ".",
                MESSAGES,
                extent -> new TreeMap<>(wanted)
                        .entrySet().stream()
                                .map(entry -> Load.of(
                                                producers(entry.getKey()),
                                                Order.SENDS,
                                                Producing.plain(place, entry.getKey(), BYTES, extent.time(), way),
                                                Consuming.plain(place, 2, Consuming.Way.LISTENER))
                                        .wanting(Goal.ratio(entry.getValue())))
                                .toList());
    }

    private static PeerScenario receiveLoops() {
        Place place = queue("receive-loops");
        return new PeerScenario(
                "receive-loops",
                "1 producer, each send durable, and 1, 5, 10 and 20 consumers in loops of receive(1000).",
                MESSAGES,
                extent -> IntStream.of(1, 5, 10, 20)
                        .mapToObj(count -> Load.of(
                                consumers(count),
                                Order.TOGETHER,
                                Producing.plain(place, 1, BYTES, extent.time(), Producing.Way.EACH),
                                Consuming.plain(place, count, Consuming.Way.RECEIVE)))
                        .toList());
    }

    private static PeerScenario queues() {
        return new PeerScenario(
                "queues",
                "4 producers, each send durable, that go round 1 or 50 queues, and 50 listeners.",
                MESSAGES,
                extent -> IntStream.of(1, 50)
                        .mapToObj(count -> new Place("benchmark.queues", false, count))
                        .map(place -> Load.of(
                                place.count() == 1 ? "1 queue" : place.count() + " queues",
                                Order.TOGETHER,
                                Producing.plain(place, 4, BYTES, extent.time(), Producing.Way.EACH),
                                Consuming.plain(place, 50, Consuming.Way.LISTENER)))
                        .toList());
    }

    private static PeerScenario many(String name, int producers, int consumers) {
        return new PeerScenario(
                name,
                producers + " producers, each send durable, and " + consumers + " listeners at once.",
                MESSAGES,
                extent -> List.of(live(name, producers + " + " + consumers, producers, consumers, BYTES, extent)));
    }

    private static PeerScenario bodies() {
        return new PeerScenario(
                "bodies",
                "2 producers, each send durable, and 2 listeners at once; messages of 100 B, 64 KB and 1 MB.",
                MESSAGES,
                extent -> {
                    List<Load> loads = new ArrayList<>();
                    loads.add(live("bodies", "100 B", 2, 2, 100, extent));
                    loads.add(live("bodies", "64 KB", 2, 2, 64 << 10, extent));
                    loads.add(live("bodies", "1 MB", 2, 2, 1 << 20, extent));
                    return loads;
                });
    }

    private static PeerScenario kinds(String name, String what, Kind kind) {
        Place place = queue(name);
        return new PeerScenario(
                name,
                "4 producers of " + what + ", each send durable, and 4 listeners at once.",
                MESSAGES,
                extent -> List.of(Load.of(
                        "4 + 4",
                        Order.TOGETHER,
                        Producing.plain(place, 4, BYTES, extent.time(), Producing.Way.EACH)
                                .of(kind),
                        new Consuming(place, 4, Consuming.Way.LISTENER, kind, null))));
    }

    private static PeerScenario depth() {
        Place place = queue("depth");
        int bytes = 100;
        return new PeerScenario(
                "depth",
                "1 producer, each send durable, and 1 consumer that commits each message, where 1,000 or 1,000,000 messages of"
                        + " 100 B are waiting.",
                MESSAGES,
                extent -> Stream.of(1_000, 1_000_000)
                        .map(waiting -> Load.of(
                                        waiting + " waiting",
                                        Order.TOGETHER,
                                        Producing.plain(place, 1, bytes, extent.time(), Producing.Way.EACH),
                                        Consuming.plain(place, 1, Consuming.Way.ONE))
                                .on(
                                        Producing.plain(
                                                        place,
                                                        1,
                                                        bytes,
                                                        extent.messages(waiting),
                                                        Producing.Way.HUNDRED)
                                                .numberedFrom(1),
                                        Consuming.plain(place, 1, Consuming.Way.HUNDRED)))
                        .toList());
    }

    /** A hundred and twenty times the time of others, ten minutes of the five seconds. */
    private static PeerScenario disturbed(String name, String what, Disturbance disturbance) {
        Place place = queue(name);
        return new PeerScenario(
                name,
                "2 producers of 500 messages a second, each third delayed by 1 s, and 4 consumers that commit each, and roll"
                        + " each third back first, " + what + ". sqlmq only.",
                MESSAGES,
                extent -> List.of(Load.of(
                                "2 + 4",
                                Order.TOGETHER,
                                Producing.plain(
                                                place,
                                                2,
                                                BYTES,
                                                Limit.millis(120 * extent.millis()),
                                                Producing.Way.EACH)
                                        .of(Kind.MIXED)
                                        .paced(500),
                                new Consuming(place, 4, Consuming.Way.ROLLBACK_THIRD, Kind.MIXED, null))
                        .beside(disturbance)));
    }

    private static Place queue(String name) {
        return Place.queue("benchmark." + name);
    }

    private static String consumers(int count) {
        return count + (count == 1 ? " consumer" : " consumers");
    }

    private static String producers(int count) {
        return count + (count == 1 ? " producer" : " producers");
    }

    /**
     * Those with the given names, in the order above; all if none is given.
     *
     * @throws IllegalArgumentException if there is none of a name
     */
    static List<PeerScenario> named(List<String> names) {
        for (String name : names) {
            if (ALL.stream().noneMatch(scenario -> scenario.name().equals(name))) {
                throw new IllegalArgumentException("There is no scenario " + name + "; there are "
                        + ALL.stream().map(PeerScenario::name).collect(Collectors.joining(", ")));
            }
        }
        return ALL.stream()
                .filter(scenario -> names.isEmpty() || names.contains(scenario.name()))
                .toList();
    }
}
