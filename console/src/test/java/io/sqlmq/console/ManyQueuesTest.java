package io.sqlmq.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With 100,000 messages in 1,000 queues and twenty who look on, statements are few and read a bounded number of pages. */
@Tag("slow")
class ManyQueuesTest extends ConsoleTestCase {
    private static final int VIEWERS = 20;

    @Test
    void manyWhoLookOnCostTheDatabaseAsMuchAsOne() throws Exception {
        sql(
                "INSERT INTO mq_msgs (id, channel_name, sent_at, payload_text) SELECT gen_random_uuid(), 'queue-' || i % 1000,"
                        + " 1764000000000, 'text ' || i FROM generate_series(1, 100000) i",
                "VACUUM ANALYZE mq_msgs");
        Client client = Client.as("console_watch");
        assertThat(client.get("/").body()).contains("1,000 queues");
        HttpClient http = HttpClient.newHttpClient();
        AtomicInteger events = new AtomicInteger();
        List<Stream<String>> live = new ArrayList<>();
        for (int i = 0; i < VIEWERS; i++) {
            live.add(http.send(client.request("/events").build(), HttpResponse.BodyHandlers.ofLines())
                    .body());
        }
        live.forEach(lines -> {
            Thread reader =
                    new Thread(() -> lines.filter(l -> l.startsWith("data: ")).forEach(l -> events.incrementAndGet()));
            reader.setDaemon(true);
            reader.start();
        });
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> events.get() >= VIEWERS);

        long transactions = transactions();
        long looks = console.reads("console_watch");
        long began = System.nanoTime();
        int pages = 0;
        do { // for a time, as long as it takes until several looks were taken
            List<CompletableFuture<Integer>> answers = IntStream.range(0, VIEWERS)
                    .mapToObj(i -> http.sendAsync(
                                    client.request(i % 2 == 0 ? "/" : "/api/overview?sort=oldest")
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .thenApply(HttpResponse::statusCode))
                    .toList();
            for (var answer : answers) {
                assertThat(answer.get()).isEqualTo(200);
                pages++;
            }
        } while ((pages < 100 || console.reads("console_watch") == looks)
                && System.nanoTime() - began < 300_000_000_000L);
        double seconds = (System.nanoTime() - began) / 1e9;
        looks = console.reads("console_watch") - looks;
        assertThat(looks).isPositive();
        assertThat(looks * 5 / seconds).as("statements a second").isLessThanOrEqualTo(5);
        assertThat(transactions() - transactions)
                .as("transactions that the server counted, while " + pages + " pages were answered")
                .isLessThanOrEqualTo(looks + 40); // others are of autovacuum, which has 100,000 new rows
    }

    /** Of everybody, so of this test, too; the server may be some seconds behind. */
    private static long transactions() throws Exception {
        return Long.parseLong(
                value("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"));
    }
}
