package io.sqlmq.jms.internal.factory;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.jms.Listen;
import io.sqlmq.jms.SqlmqOptions;
import org.junit.jupiter.api.Test;

class EnginesTest {
    @Test
    void pgBouncerTurnsListeningOffUnlessSaid() {
        SqlmqOptions options = new SqlmqOptions();
        assertThat(Engines.listens(options)).isTrue();
        options.setPgBouncer(true);
        assertThat(Engines.listens(options)).isFalse();
        options.setListen(Listen.ON);
        assertThat(Engines.listens(options)).isTrue();
    }
}
