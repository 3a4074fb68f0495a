package io.sqlmq.jms.internal.pool;

import static io.sqlmq.jms.internal.pool.PasswordServer.execute;
import static io.sqlmq.jms.internal.pool.PasswordServer.newRole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.jms.SqlmqOptions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/** What is kept comes from beside the application's pool, as that would connect at the moment. */
@Timeout(60)
class BesideHikariTest {
    private final HikariDataSource pool = new HikariDataSource();

    @BeforeEach
    void configure() throws Exception {
        newRole("dora", "d", "");
        pool.setJdbcUrl(PasswordServer.url() + "?currentSchema=of_url");
        pool.setUsername("dora");
        pool.setPassword("d");
        pool.setMaximumPoolSize(3);
        pool.setMinimumIdle(1);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private Role role() throws Exception {
        return DataSources.given(pool, new SqlmqOptions()).defaultRole();
    }

    private static String show(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private int busy() {
        return pool.getHikariPoolMXBean().getActiveConnections();
    }

    @Test
    void whatIsKeptIsNotOfThePoolAndConnectedAsThat() throws Exception {
        pool.addDataSourceProperty("ApplicationName", "of properties");
        pool.setConnectionInitSql("SET work_mem = '5MB'");
        Role role = role();
        try (Connection kept = role.openToKeep();
                Connection probe = role.openConnection()) {
            assertThat(show(kept, "SELECT current_user")).isEqualTo("dora");
            assertThat(show(kept, "SHOW search_path")).isEqualTo("of_url");
            assertThat(show(kept, "SHOW application_name")).isEqualTo("of properties");
            assertThat(show(kept, "SHOW work_mem")).isEqualTo("5MB");
            assertThat(show(probe, "SELECT 1")).isEqualTo("1");
            assertThat(busy()).isZero();
        }
        assertThat(role.keepsItsOwn()).isTrue();
    }

    @Test
    void aPoolOfOneHasConnectionsBesideIt() throws Exception {
        pool.setMaximumPoolSize(1);
        Role role = role();
        assertThat(role.canSpareConnection()).isTrue();
        try (Connection all = pool.getConnection();
                Connection kept = role.openToKeep()) {
            assertThat(show(kept, "SELECT 1")).isEqualTo(show(all, "SELECT 1"));
        }
    }

    @Test
    void aPasswordThatChangesIsFollowed() throws Exception {
        Role role = role();
        role.openToKeep().close();
        execute(PasswordServer.admin(), "ALTER ROLE dora PASSWORD 'new'");
        pool.setPassword("new");
        try (Connection kept = role.openToKeep()) {
            assertThat(show(kept, "SELECT current_user")).isEqualTo("dora");
            assertThat(busy()).isZero();
        }
    }

    @Test
    void whatIsRefusedComesFromThePool() throws Exception {
        Role role = role();
        execute(PasswordServer.admin(), "ALTER ROLE dora PASSWORD 'that nobody was told'");
        try (Connection kept = role.openToKeep()) {
            assertThat(show(kept, "SELECT current_user")).isEqualTo("dora");
            assertThat(busy()).isEqualTo(1);
            assertThat(role.keepsItsOwn()).isFalse();
        }
        execute(PasswordServer.admin(), "ALTER ROLE dora PASSWORD 'd'");
        role.openToKeep().close();
        assertThat(role.keepsItsOwn()).isTrue();
    }

    @Test
    void aPoolThatIsTooSmallLendsNone() throws Exception {
        pool.setMaximumPoolSize(2);
        Role role = role();
        execute(PasswordServer.admin(), "ALTER ROLE dora CONNECTION LIMIT 1");
        assertThatThrownBy(role::openToKeep).isInstanceOf(SQLException.class);
        assertThat(role.canSpareConnection()).isFalse();
        role.openConnection().close();
    }

    @Test
    void aPoolThatIsClosedHasNothingBesideIt() throws Exception {
        Role role = role();
        pool.close();
        assertThatThrownBy(role::openToKeep).isInstanceOf(SQLException.class).hasMessageContaining("closed");
    }

    @Test
    void whoSaysNotHowToConnectKeepsItAll() throws Exception {
        PGSimpleDataSource driver = new PGSimpleDataSource();
        driver.setUrl(PasswordServer.url());
        driver.setUser("postgres");
        assertThat(DataSources.given(driver, new SqlmqOptions()).defaultRole().keepsItsOwn())
                .isFalse();
        assertThat(DataSources.given(driver, driver, new SqlmqOptions())
                        .defaultRole()
                        .keepsItsOwn())
                .isFalse();
        assertThat(DataSources.given(pool, driver, new SqlmqOptions())
                        .defaultRole()
                        .keepsItsOwn())
                .isTrue();
        assertThat(DataSources.given(pool, pool, new SqlmqOptions())
                        .defaultRole()
                        .keepsItsOwn())
                .isFalse();
        HikariDataSource other = new HikariDataSource();
        other.setDataSource(driver);
        assertThat(BesideHikari.of(other, new SqlmqOptions())).isNull();
        other.setDataSource(null);
        other.setJdbcUrl("jdbc:tc:postgresql:///shop");
        assertThat(BesideHikari.of(other, new SqlmqOptions())).isNull();
    }
}
