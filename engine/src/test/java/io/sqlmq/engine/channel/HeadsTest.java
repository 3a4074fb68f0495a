package io.sqlmq.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.engine.model.Selection;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeadsTest {

    private final Heads heads = new Heads(new Channel("orders"));

    @Test
    void consumersWithTheSameSelectionShareAHead() {
        Head first = heads.use(selection("a"));
        assertThat(heads.use(selection("a"))).isSameAs(first).isNotSameAs(heads.use(selection("b")));
        assertThat(heads.use(null)).isSameAs(heads.plain());
        assertThat(heads.all()).hasSize(3);
    }

    @Test
    void whatAConsumerHasLearntIsThereForTheNextOne() {
        Head first = heads.use(selection("a"));
        heads.endUse(first);
        assertThat(heads.use(selection("a"))).isSameAs(first);
    }

    @Test
    void selectionsThatAreUsedOnceDoNotAddUp() {
        Head used = heads.use(selection("used"));
        for (int i = 0; i < 10_000; i++) {
            heads.endUse(heads.use(selection("request " + i)));
        }
        assertThat(heads.all()).hasSizeLessThan(100).contains(used, heads.plain());
        assertThat(heads.use(selection("used"))).isSameAs(used);
    }

    @Test
    void aHeadIsKeptWhileOneOfItsConsumersIsThere() {
        Head shared = heads.use(selection("shared"));
        heads.use(selection("shared"));
        heads.endUse(shared);
        for (int i = 0; i < 1_000; i++) {
            heads.endUse(heads.use(selection("request " + i)));
        }
        assertThat(heads.use(selection("shared"))).isSameAs(shared);
    }

    private static Selection selection(String id) {
        return new Selection("m.correlation_id = ?", List.of(id), true);
    }
}
