package io.sqlmq.jms.internal.mode;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JoinedWorkTest {

    private final JoinedWork work = new JoinedWork();

    @Test
    void channelsThatNobodyAsksForDoNotAddUp() {
        for (int i = 0; i < 10_000; i++) {
            work.sentTo("reply-" + i);
        }
        assertThat(work.channels())
                .hasSizeLessThan(2_000)
                .contains("reply-9999")
                .doesNotContain("reply-0");
    }
}
