package io.sqlmq.console.health;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServerChecksTest {

    @Test
    void aServerThatIsTooOldOrTooNewIsNamed() {
        assertThat(ServerChecks.versions(13, "13.22", 4207, "42.7").state()).isEqualTo(Finding.State.SICK);
        assertThat(ServerChecks.versions(13, "13.22", 4207, "42.7").advice())
                .contains("14 to 18", "upgrade the server");
        assertThat(ServerChecks.versions(14, "14.1", 4207, "42.7").state()).isEqualTo(Finding.State.OK);
        assertThat(ServerChecks.versions(18, "18.1", 4207, "42.7").state()).isEqualTo(Finding.State.OK);
        assertThat(ServerChecks.versions(19, "19beta1", 4207, "42.7").state()).isEqualTo(Finding.State.NOTE);
        assertThat(ServerChecks.versions(18, "18.1", 4207, "42.7.4").found())
                .contains("PostgreSQL 18.1, driver 42.7.4, Java ");
    }

    @Test
    void aDriverThatIsTooOldIsNamed() {
        Finding old = ServerChecks.versions(18, "18.1", 4204, "42.4.4");
        assertThat(old.state()).isEqualTo(Finding.State.SICK);
        assertThat(old.found()).contains("driver 42.4.4");
        assertThat(old.advice()).contains("upgrade the driver", "42.5");
        assertThat(ServerChecks.versions(18, "18.1", 4205, "42.5.0").state()).isEqualTo(Finding.State.OK);
        assertThat(ServerChecks.versions(18, "18.1", 4300, "43.0").state()).isEqualTo(Finding.State.OK);
    }
}
