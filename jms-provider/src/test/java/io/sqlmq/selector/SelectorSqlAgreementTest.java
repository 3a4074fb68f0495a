package io.sqlmq.selector;

import java.sql.SQLException;
import java.util.List;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class SelectorSqlAgreementTest extends SelectorSqlAgreement {

    @Property(tries = 30, edgeCases = EdgeCasesMode.NONE)
    void sqlAndMemoryAgree(
            @ForAll("selectors") List<Selector> selectors, @ForAll("messages") List<SampleMessage> messages)
            throws SQLException {
        assertAgreement(selectors, messages);
    }

    /** 10,000 of either, always the same. */
    @Property(tries = 20, edgeCases = EdgeCasesMode.NONE, seed = "20260101")
    void manyAgree(@ForAll("selectors") List<Selector> some, @ForAll("messages") List<SampleMessage> few)
            throws SQLException {
        assertAgreementOfCombinations(some, few);
    }
}
