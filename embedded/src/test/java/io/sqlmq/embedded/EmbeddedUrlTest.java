package io.sqlmq.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedUrlTest {

    @ParameterizedTest
    @CsvSource({
        "sqlmq:embedded,               default",
        "sqlmq:embedded?fsync=on,      default",
        "sqlmq:embedded:orders,        orders",
        "sqlmq:embedded://orders,      orders",
        "sqlmq:embedded://or-d.e_rs/,  or-d.e_rs",
        "sqlmq:embedded:orders?fsync=on, orders",
    })
    void namesAServer(String url, String name) {
        assertThat(EmbeddedUrl.accepts(url)).isTrue();
        assertThat(EmbeddedUrl.parse(url).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlmq:embeddedx", "sqlmq:", "jdbc:postgresql://h/sqlmq:embedded", "SQLMQ:EMBEDDED", ""})
    void leavesOtherUrlsAlone(String url) {
        assertThat(EmbeddedUrl.accepts(url)).isFalse();
    }

    @Test
    void sortsOptionsByWhomTheyConcern() {
        EmbeddedUrl url = EmbeddedUrl.parse("sqlmq:embedded:x?fsync=on&port=5444&dataDirectory=/d%20e"
                + "&server.work_mem=64MB&sqlmq.schema=s&prepareThreshold=0");
        assertThat(url.options())
                .isEqualTo(EmbeddedOptions.defaults()
                        .fsync(true)
                        .port(5444)
                        .dataDirectory(Path.of("/d e"))
                        .setting("work_mem", "64MB"));
        assertThat(url.connectionParameters())
                .containsOnlyKeys("sqlmq.schema", "prepareThreshold")
                .containsEntry("sqlmq.schema", "s");
    }

    @ParameterizedTest
    @CsvSource({
        "sqlmq:embedded:,                   is not the URL",
        "sqlmq:embedded://a/b,              is not the URL",
        "sqlmq:embedded:../x,               is not the URL",
        "sqlmq:embedded?fsnc=on,            'Unknown option \"fsnc\"'",
        "sqlmq:embedded?fsync=maybe,        must be on or off",
        "sqlmq:embedded?port=x,             must be a number",
        "sqlmq:embedded?port=70000,         0 (any free port) to 65535",
        "sqlmq:embedded?fsync,              not of the form option=value",
        "sqlmq:embedded?fsync=on&fsync=off, fsync twice",
        "sqlmq:embedded?server.a%20b=1,     not the name of a PostgreSQL setting",
    })
    void refusesWhatItDoesNotUnderstandAndSaysWhy(String url, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EmbeddedUrl.parse(url))
                .withMessageContaining(reason);
    }
}
