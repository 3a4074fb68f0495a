package io.sqlmq.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every peer, and scenarios of every kind, in a tiny size; how fast it was is never asserted. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PeersTest {

    private static final Extent TINY = new Extent(200, 0.001);

    private final Map<Peer, Site> sites = new EnumMap<>(Peer.class);
    private Ground ground;

    @BeforeAll
    void start() throws Exception {
        ground = new Ground(null);
    }

    @AfterAll
    void stop() throws Exception {
        ground.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyPeerIsInstalledAndMovesMessages(Peer peer) throws Exception {
        moves(peer, "live-2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"request-reply", "topic-4", "rollback", "delay", "selector", "send-async", "groups", "depth"})
    void everyKindOfScenarioMovesItsMessages(String scenario) throws Exception {
        moves(Peer.SQLMQ_TWO, scenario);
    }

    private void moves(Peer peer, String name) throws Exception {
        if (!sites.containsKey(peer)) {
            sites.put(peer, peer.open(ground));
        }
        Site site = sites.get(peer);
        PeerScenario scenario = PeerScenarios.named(List.of(name)).get(0);
        for (Load load : scenario.loads().apply(TINY)) {
            Round round = new Arena().round(scenario, load, site, 1);

            assertThat(round.correct()).as(round.text()).isTrue();
            assertThat(round.messages()).isPositive();
            assertThat(round.statements() != null)
                    .as("statements are counted where there are any")
                    .isEqualTo(site.postgres() != null);
        }
    }
}
