package io.sqlmq.benchmarks.peers;

import io.sqlmq.benchmarks.ServerCpu;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Who is measured, each installed as its users have it. */
enum Peer {
    /** sqlmq, producers and consumers in one process. */
    SQLMQ("sqlmq") {
        @Override
        Site open(Ground ground) throws Exception {
            return sqlmq(ground, false);
        }
    },
    /** sqlmq, producers in one process and consumers in another. */
    SQLMQ_TWO("sqlmq-2") {
        @Override
        Site open(Ground ground) throws Exception {
            return sqlmq(ground, true);
        }
    },
    /** ActiveMQ Classic with KahaDB. */
    KAHADB("kahadb") {
        @Override
        Site open(Ground ground) throws Exception {
            Child broker = ground.child(label() + "-broker", List.of("-Xms64m", "-Xmx1g"));
            String url = broker.ask(new ClassicBroker(ground.directory(label())));
            return ground.site(
                    this,
                    Provider.CLASSIC,
                    url + "?jms.redeliveryPolicy.initialRedeliveryDelay=0&jms.redeliveryPolicy.redeliveryDelay=0",
                    false,
                    Map.of("broker", broker::cpuNanos),
                    List.of(broker),
                    null);
        }
    },
    /** ActiveMQ Artemis with its journal. */
    ARTEMIS("artemis") {
        @Override
        Site open(Ground ground) throws Exception {
            Child broker = ground.child(label() + "-broker", List.of("-XX:+UseG1GC", "-Xms512m", "-Xmx2g"));
            String url = broker.ask(new ArtemisBroker(ground.directory(label())));
            return ground.site(
                    this, Provider.ARTEMIS, url, false, Map.of("broker", broker::cpuNanos), List.of(broker), null);
        }
    };

    private final String label;

    Peer(String label) {
        this.label = label;
    }

    /** Starts what it needs. */
    abstract Site open(Ground ground) throws Exception;

    String label() {
        return label;
    }

    /**
     * The one of a label.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Peer of(String label) {
        for (Peer peer : values()) {
            if (peer.label.equals(label.toLowerCase(Locale.ROOT))) {
                return peer;
            }
        }
        throw new IllegalArgumentException("There is no peer " + label);
    }

    Site sqlmq(Ground ground, boolean two) throws Exception {
        String url = ground.schema("sqlmq_peers_" + (two ? 2 : 1));
        ServerCpu cpu = ServerCpu.of(ground.postgres().admin());
        return ground.site(
                this, Provider.SQLMQ, url, two, Map.of("postgres", cpu::nanos), List.of(), ground.postgres());
    }
}
