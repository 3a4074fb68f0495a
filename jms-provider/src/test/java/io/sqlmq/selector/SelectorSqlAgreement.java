package io.sqlmq.selector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** §3.8.1: what the database selects is what the test in memory selects, with all three values of the logic. */
abstract class SelectorSqlAgreement {
    private static @Nullable SelectorDatabase database;

    @BeforeContainer
    static void start() throws IOException, SQLException {
        database = new SelectorDatabase();
    }

    @AfterContainer
    static void stop() throws SQLException {
        if (database != null) {
            database.close();
        }
    }

    @Provide
    Arbitrary<List<Selector>> selectors() {
        return SelectorArbitraries.selectors().list().ofSize(60);
    }

    @Provide
    Arbitrary<List<SampleMessage>> messages() {
        return SelectorArbitraries.messages().list().ofSize(60);
    }

    static void assertAgreement(List<Selector> selectors, List<SampleMessage> messages) throws SQLException {
        SelectorDatabase postgres = Objects.requireNonNull(database);
        postgres.fill(messages);

        List<List<@Nullable Boolean>> answers = postgres.evaluate(selectors);

        List<String> disagreements = new ArrayList<>();
        for (int s = 0; s < selectors.size(); s++) {
            for (int m = 0; m < messages.size(); m++) {
                Boolean inMemory = selectors.get(s).evaluate(messages.get(m));
                Boolean inSql = answers.get(s).get(m);
                if (!Objects.equals(inMemory, inSql)) {
                    disagreements.add(inMemory + " in memory, " + inSql + " in SQL: " + selectors.get(s) + " for "
                            + messages.get(m));
                }
            }
        }
        assertThat(disagreements).isEmpty();
    }

    /** 500 of either: combinations, since each is to cost the server's planner only once. */
    static void assertAgreementOfCombinations(List<Selector> some, List<SampleMessage> few) throws SQLException {
        Random random = new Random(some.hashCode());
        List<Selector> selectors = new ArrayList<>();
        List<SampleMessage> messages = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            Condition one = any(some, random).condition();
            Condition other = any(some, random).condition();
            selectors.add(Selector.of(
                    switch (random.nextInt(4)) {
                        case 0 -> new Condition.Not(one);
                        case 1 -> new Condition.Or(List.of(one, other));
                        case 2 -> new Condition.Or(List.of(new Condition.Not(one), other));
                        default -> new Condition.And(List.of(one, other));
                    }));
            SampleMessage message = any(few, random);
            SampleMessage like = any(few, random);
            messages.add(new SampleMessage(
                    like.properties(),
                    message.persistent(),
                    like.priority(),
                    message.id(),
                    like.timestamp(),
                    message.correlationId(),
                    like.type(),
                    message.body()));
        }
        for (int i = 0; i < selectors.size(); i += 25) {
            assertAgreement(selectors.subList(i, i + 25), messages.subList(i, i + 25));
        }
    }

    private static <T> T any(List<T> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }
}
