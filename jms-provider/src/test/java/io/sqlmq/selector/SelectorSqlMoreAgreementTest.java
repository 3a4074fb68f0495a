package io.sqlmq.selector;

import java.sql.SQLException;
import java.util.List;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A class of its own, since all modules wait for the tests of this one, and classes run side by side. */
class SelectorSqlMoreAgreementTest extends SelectorSqlAgreement {

    /** 10,000 more of either, always the same. */
    @Property(tries = 20, edgeCases = EdgeCasesMode.NONE, seed = "20260102")
    void manyAgree(@ForAll("selectors") List<Selector> some, @ForAll("messages") List<SampleMessage> few)
            throws SQLException {
        assertAgreementOfCombinations(some, few);
    }
}
