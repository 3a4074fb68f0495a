package io.sqlmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class SqlmqConnectionFactoryTest {
    private static final String URL = "jdbc:postgresql://localhost/db";

    @Test
    void optionsOfADataSourceAreCopied() {
        SqlmqOptions options = new SqlmqOptions();
        options.setLeaseAfter(50);
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(new PGSimpleDataSource(), options)) {
            options.setLeaseAfter(70);
            assertThat(factory.getOptions().getLeaseAfter()).isEqualTo(50);
            factory.getDataSource();
            options.setLeaseAfter(80);
        }
    }

    @Test
    void optionsOfADataSourceAreChecked() {
        SqlmqOptions contradicting = new SqlmqOptions();
        contradicting.setLeaseAfter(40_000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SqlmqConnectionFactory(new PGSimpleDataSource(), contradicting))
                .withMessageContaining("leaseTime");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SqlmqConnectionFactory(new PGSimpleDataSource(), SqlmqOptions.parse(URL)))
                .withMessageContaining("DataSource");
    }

    @Test
    void optionsBesideAUrlCountWhateverItSays() {
        SqlmqOptions options = new SqlmqOptions();
        options.setLeaseAfter(50);
        try (SqlmqConnectionFactory factory =
                new SqlmqConnectionFactory(URL + "?sqlmq.leaseAfter=60&sqlmq.clientID=me", options)) {
            assertThat(factory.getOptions().getLeaseAfter()).isEqualTo(50);
            assertThat(factory.getOptions().getClientID()).isEqualTo("me");
            assertThat(factory.getUrl()).isEqualTo(URL);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SqlmqConnectionFactory(URL, SqlmqOptions.parse(URL)))
                .withMessageContaining("URL");
    }

    @Test
    void anAdministrationAloneLeavesTheOptionsOpen() {
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(URL)) {
            factory.admin();
            factory.getOptions().setLeaseAfter(50);
            factory.getDataSource();
            assertThatIllegalStateException()
                    .isThrownBy(() -> factory.getOptions().setLeaseAfter(60));
        }
    }
}
