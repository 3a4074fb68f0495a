package io.sqlmq.selector;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SelectorTextTest {

    @Provide
    Arbitrary<Selector> selectors() {
        return SelectorArbitraries.selectors();
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void canonicalTextParsesToAnEqualSelector(@ForAll("selectors") Selector selector) throws SelectorSyntaxException {
        Selector again = Selector.parse(selector.toString());

        assertThat(again).isEqualTo(selector).hasToString(selector.toString());
    }
}
