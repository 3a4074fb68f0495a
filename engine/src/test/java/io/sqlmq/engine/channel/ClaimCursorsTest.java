package io.sqlmq.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.engine.model.Selection;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClaimCursorsTest {

    private final ClaimCursors cursors = new ClaimCursors(new Channel("orders"));

    @Test
    void consumersWithTheSameSelectionShareAHead() {
        ClaimCursor first = cursors.use(selection("a"));
        assertThat(cursors.use(selection("a"))).isSameAs(first).isNotSameAs(cursors.use(selection("b")));
        assertThat(cursors.use(null)).isSameAs(cursors.plain());
        assertThat(cursors.all()).hasSize(3);
    }

    @Test
    void whatAConsumerHasLearntIsThereForTheNextOne() {
        ClaimCursor first = cursors.use(selection("a"));
        cursors.endUse(first);
        assertThat(cursors.use(selection("a"))).isSameAs(first);
    }

    @Test
    void selectionsThatAreUsedOnceDoNotAddUp() {
        ClaimCursor used = cursors.use(selection("used"));
        for (int i = 0; i < 10_000; i++) {
            cursors.endUse(cursors.use(selection("request " + i)));
        }
        assertThat(cursors.all()).hasSizeLessThan(100).contains(used, cursors.plain());
        assertThat(cursors.use(selection("used"))).isSameAs(used);
    }

    @Test
    void aHeadIsKeptWhileOneOfItsConsumersIsThere() {
        ClaimCursor shared = cursors.use(selection("shared"));
        cursors.use(selection("shared"));
        cursors.endUse(shared);
        for (int i = 0; i < 1_000; i++) {
            cursors.endUse(cursors.use(selection("request " + i)));
        }
        assertThat(cursors.use(selection("shared"))).isSameAs(shared);
    }

    private static Selection selection(String id) {
        return new Selection("m.correlation_id = ?", List.of(id), true, id);
    }
}
