package io.sqlmq.selector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** §3.8.1: what the database selects is what the test in memory selects, with all three values of the logic. */
class SelectorSqlAgreementTest {
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

    @Property(tries = 30, edgeCases = EdgeCasesMode.NONE)
    void sqlAndMemoryAgree(
            @ForAll("selectors") List<Selector> selectors, @ForAll("messages") List<SampleMessage> messages)
            throws SQLException {
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
}
