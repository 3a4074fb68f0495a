package io.sqlmq.benchmarks.peers;

import io.sqlmq.benchmarks.Quantile;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * All rounds of one case.
 *
 * @param scenario its name
 * @param load the case
 * @param rounds by peer
 */
record Standing(String scenario, String load, Map<Peer, List<Round>> rounds) {

    /** The cases of some rounds, in the order in which they were measured. */
    static List<Standing> of(List<Round> rounds) {
        Map<List<String>, Standing> standings = new LinkedHashMap<>();
        for (Round round : rounds) {
            standings
                    .computeIfAbsent(
                            List.of(round.scenario(), round.load()),
                            key -> new Standing(round.scenario(), round.load(), new EnumMap<>(Peer.class)))
                    .rounds()
                    .computeIfAbsent(Peer.of(round.peer()), key -> new ArrayList<>())
                    .add(round);
        }
        return new ArrayList<>(standings.values());
    }

    boolean has(Peer peer) {
        return rounds.containsKey(peer);
    }

    /** The median of the peer's rounds, NaN if there are none. */
    double median(Peer peer, ToDoubleFunction<Round> value) {
        return Quantile.of(
                rounds.getOrDefault(peer, List.of()).stream().mapToDouble(value).toArray(), 0.5);
    }

    double rate(Peer peer) {
        return median(peer, Round::perSecond);
    }

    double micros(Peer peer, String quantile) {
        return median(peer, round -> round.latencyMicros().getOrDefault(quantile, 0L));
    }

    /** CPU time per message of all processes. */
    double cpu(Peer peer) {
        return median(peer, Round::allCpuMicros);
    }

    /** The rate of sqlmq to that of the better broker with its own files; NaN without both. */
    double ratio() {
        return ratio(Peer.KAHADB, Peer.ARTEMIS);
    }

    /** The rate of sqlmq to that of the better broker with the JDBC store. */
    double ratioToStores() {
        return ratio(Peer.CLASSIC_JDBC, Peer.ARTEMIS_JDBC);
    }

    private double ratio(Peer one, Peer other) {
        double better = has(one) && has(other) ? Math.max(rate(one), rate(other)) : has(one) ? rate(one) : rate(other);
        return rate(Peer.SQLMQ) / better;
    }

    /** Nothing was lost, doubled or reordered in any round of any peer. */
    boolean correct() {
        return rounds.values().stream().flatMap(List::stream).allMatch(Round::correct);
    }
}
