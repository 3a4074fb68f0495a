package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.schema.internal.ClaimedColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumers that claim, acknowledge, lease, give back and roll back at the same time: no message is in two hands, and none is lost. */
@Timeout(120)
class ConcurrentClaimsTest {
    private static final int MESSAGES = 300;
    private static final int CONSUMERS = 3;

    @RegisterExtension
    static final QueueSchema QUEUES = new QueueSchema();

    private final Map<String, Integer> inHand = new ConcurrentHashMap<>();
    private final Set<String> done = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> lastOfGroup = new ConcurrentHashMap<>();
    private final AtomicBoolean failed = new AtomicBoolean();
    private final AtomicLong tokens = new AtomicLong();

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void eachMessageIsInOneHandAndAcknowledgedOnce(long seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < MESSAGES; i++) {
            switch (random.nextInt(4)) {
                case 0 -> QUEUES.insertUnlogged("message " + i, "prio_rank", String.valueOf(random.nextInt(10)));
                case 1 -> QUEUES.insertGrouped("group " + random.nextInt(5), "message " + i);
                default -> QUEUES.insert("message " + i, "prio_rank", String.valueOf(4 + random.nextInt(2)));
            }
        }
        ExecutorService threads = Executors.newFixedThreadPool(CONSUMERS);
        try {
            List<Future<?>> consumers = new ArrayList<>();
            for (int owner = 1; owner <= CONSUMERS; owner++) {
                QueueSession session = QUEUES.open();
                consumers.add(threads.submit(consume(session, owner, new Random(seed * 100 + owner))));
            }
            for (Future<?> consumer : consumers) {
                consumer.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(done).hasSize(MESSAGES);
        assertThat(QUEUES.texts()).isEmpty();
    }

    private Callable<Void> consume(QueueSession session, int owner, Random random) {
        return () -> {
            boolean well = false;
            try {
                while (done.size() < MESSAGES && !failed.get()) {
                    claimAndWork(session, owner, random);
                }
                well = true;
            } finally {
                if (!well) {
                    failed.set(true); // the others would wait for what this one has
                }
            }
            return null;
        };
    }

    private void claimAndWork(QueueSession session, int owner, Random random) throws Exception {
        List<ClaimedMessage> claimed = ClaimedMessage.inOrder(session.claim(
                1 + random.nextInt(8),
                "p_unlogged_first",
                String.valueOf(random.nextBoolean()),
                "p_in_order",
                String.valueOf(random.nextBoolean()),
                "p_me",
                String.valueOf(owner)));
        claimed.forEach(message -> taken(message, owner));
        List<ClaimedMessage> first = claimed.subList(0, random.nextInt(claimed.size() + 1));
        List<ClaimedMessage> rest = claimed.subList(first.size(), claimed.size());
        switch (random.nextInt(8)) {
            case 0 -> {
                claimed.forEach(this::released);
                session.rollback();
            }
            case 1 -> lease(session, owner, first, rest, random.nextBoolean());
            default -> {
                acknowledged(first);
                assertThat(session.ack(first)).isEqualTo(first.size());
                session.giveBack(
                        owner,
                        rest.stream()
                                .map(message -> back(message).after(random.nextInt(2)))
                                .toArray(Back[]::new));
                rest.forEach(this::released);
                session.commit();
            }
        }
    }

    /** Leases the first, and then acknowledges or gives back what is under the lease. */
    private void lease(
            QueueSession session, int owner, List<ClaimedMessage> first, List<ClaimedMessage> rest, boolean acknowledge)
            throws Exception {
        long token = tokens.incrementAndGet();
        assertThat(session.lease(first, owner, token, 3_600_000)).isEqualTo(first.size());
        rest.forEach(this::released);
        session.commit();
        if (acknowledge) {
            acknowledged(first);
            List<String> left =
                    first.stream().map(message -> message.get(ClaimedColumn.ID)).toList();
            while (!left.isEmpty()) { // others lock what they saw before the lease, for a moment
                Map<String, Boolean> busy = session.ackIds(
                        owner, left, left.stream().map(id -> token).toArray(Long[]::new));
                assertThat(busy.values()).doesNotContain(false);
                session.commit();
                left = List.copyOf(busy.keySet());
            }
        } else {
            first.forEach(this::released);
            Back[] backs =
                    first.stream().map(message -> back(message).leasedBy(token)).toArray(Back[]::new);
            for (int busy = backs.length; busy > 0; session.commit()) {
                busy = session.giveBack(owner, backs);
            }
        }
    }

    private void taken(ClaimedMessage message, int owner) {
        assertThat(done).as("acknowledged before").doesNotContain(message.text());
        assertThat(inHand.putIfAbsent(message.text(), owner)).as(message.text()).isNull();
    }

    private void released(ClaimedMessage message) {
        assertThat(inHand.remove(message.text())).isNotNull();
    }

    private void acknowledged(List<ClaimedMessage> messages) {
        for (ClaimedMessage message : messages) {
            assertThat(done.add(message.text())).as(message.text()).isTrue();
            if (message.is(ClaimedColumn.GROUPED)) {
                assertThat(lastOfGroup.put(message.get(ClaimedColumn.GRP), message.seq()))
                        .as("in the order of its group")
                        .satisfiesAnyOf(
                                before -> assertThat(before).isNull(),
                                before -> assertThat(before).isLessThan(message.seq()));
            }
        }
    }

    private static Back back(ClaimedMessage message) {
        Back back = Back.of(message.get(ClaimedColumn.ID)).counted(1, 0);
        return message.is(ClaimedColumn.UNLOGGED) ? back.fromUnlogged() : back;
    }
}
