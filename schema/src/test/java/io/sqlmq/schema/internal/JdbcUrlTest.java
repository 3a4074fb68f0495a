package io.sqlmq.schema.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class JdbcUrlTest {

    @Test
    void optionsOfSqlmqAreTakenOutAndTheRestIsLeftAsWritten() {
        JdbcUrl url = JdbcUrl.parse(
                "jdbc:postgresql://a:1,b:2/db?sqlmq.schema=My%20Queue&user=joe&password=a%26b&sqlmq.listen=off");
        assertThat(url.driverUrl()).isEqualTo("jdbc:postgresql://a:1,b:2/db?user=joe&password=a%26b");
        assertThat(url.options())
                .containsExactly(java.util.Map.entry("schema", "My Queue"), java.util.Map.entry("listen", "off"));
        assertThat(url.driverParameters()).containsEntry("password", "a&b").containsEntry("user", "joe");
    }

    @Test
    void aUrlWithoutOptionsIsLeftAlone() {
        assertThat(JdbcUrl.parse("jdbc:postgresql:db").driverUrl()).isEqualTo("jdbc:postgresql:db");
        assertThat(JdbcUrl.parse("jdbc:postgresql:db?sqlmq.schema=x").driverUrl())
                .isEqualTo("jdbc:postgresql:db");
    }

    @Test
    void noMessageRepeatsThePassword() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JdbcUrl.parse("postgresql://joe:sesame@host/db"))
                .withMessageContaining("jdbc:postgresql:")
                .withMessageNotContaining("sesame");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JdbcUrl.parse("jdbc:postgresql:db?password=sesame%"))
                .withMessageContaining("password")
                .withMessageNotContaining("sesame");
        assertThat(JdbcUrl.parse("jdbc:postgresql:db?password=sesame").toString())
                .doesNotContain("sesame");
    }

    @Test
    void anOptionTwiceOrWithoutValueIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JdbcUrl.parse("jdbc:postgresql:db?sqlmq.schema=a&sqlmq.schema=b"))
                .withMessageContaining("twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JdbcUrl.parse("jdbc:postgresql:db?sqlmq.schema"))
                .withMessageContaining("sqlmq.schema=");
    }
}
