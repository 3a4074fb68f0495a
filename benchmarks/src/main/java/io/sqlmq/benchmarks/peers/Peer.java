package io.sqlmq.benchmarks.peers;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

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
            return classic(ground, null);
        }
    },
    /** ActiveMQ Artemis with its journal. */
    ARTEMIS("artemis") {
        @Override
        Site open(Ground ground) throws Exception {
            return artemis(ground, null);
        }
    },
    /** ActiveMQ Classic with its JDBC store. */
    CLASSIC_JDBC("classic-jdbc") {
        @Override
        Site open(Ground ground) throws Exception {
            return classic(ground, ground.emptySchema("classic_peer"));
        }
    },
    /** ActiveMQ Artemis with its JDBC store. */
    ARTEMIS_JDBC("artemis-jdbc") {
        @Override
        Site open(Ground ground) throws Exception {
            return artemis(ground, ground.emptySchema("artemis_peer"));
        }
    };

    /** Of the full number of messages, what the JDBC stores of brokers are given: a tenth, or it would take too long. */
    private static final double LITTLE = 0.1;

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

    /** The part of the full number of messages that this one is given, where a number is sent. */
    double share() {
        return this == CLASSIC_JDBC || this == ARTEMIS_JDBC ? LITTLE : 1;
    }

    Site sqlmq(Ground ground, boolean two) throws Exception {
        String url = ground.schema("sqlmq_peers_" + (two ? 2 : 1));
        return ground.site(this, Provider.SQLMQ, url, two, null, ground.postgres());
    }

    Site classic(Ground ground, @Nullable String jdbcUrl) throws Exception {
        Child broker = ground.child(label + "-broker", List.of("-Xms64m", "-Xmx1g"));
        String url = broker.ask(new ClassicBroker(ground.directory(label), jdbcUrl));
        String options = "?jms.redeliveryPolicy.initialRedeliveryDelay=0&jms.redeliveryPolicy.redeliveryDelay=0";
        Postgres stored = jdbcUrl == null ? null : ground.postgres();
        return ground.site(this, Provider.CLASSIC, url + options, false, broker, stored);
    }

    Site artemis(Ground ground, @Nullable String jdbcUrl) throws Exception {
        Child broker = ground.child(label + "-broker", List.of("-XX:+UseG1GC", "-Xms512m", "-Xmx2g"));
        String url = broker.ask(new ArtemisBroker(ground.directory(label), jdbcUrl));
        Postgres stored = jdbcUrl == null ? null : ground.postgres();
        return ground.site(this, Provider.ARTEMIS, url, false, broker, stored);
    }
}
