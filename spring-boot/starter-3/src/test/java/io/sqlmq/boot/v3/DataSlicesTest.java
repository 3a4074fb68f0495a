package io.sqlmq.boot.v3;

import io.sqlmq.boot.Slices;
import io.sqlmq.boot.Slices.OfTheShop;
import jakarta.persistence.EntityManager;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.jdbc.AutoConfigureTestDatabase;
import org.springframework.boot.test.autoconfigure.jdbc.AutoConfigureTestDatabase.Replace;
import org.springframework.boot.test.autoconfigure.jdbc.JdbcTest;
import org.springframework.boot.test.autoconfigure.orm.jpa.DataJpaTest;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.core.JmsTemplate;

/** Slices of Boot's on databases of their own; their transactions, which roll back, have messages, too. */
class DataSlicesTest {

    @Nested
    @OfTheShop
    @JdbcTest
    class ByItself {
        @Test
        void sendsInItsTransaction(@Autowired JdbcTemplate jdbc, @Autowired JmsTemplate jms) {
            Slices.sends(jdbc, jms);
        }

        @Test
        void sendsInAnotherTransaction(@Autowired JdbcTemplate jdbc, @Autowired JmsTemplate jms) {
            Slices.sends(jdbc, jms);
        }
    }

    @Nested
    @OfTheShop
    @JdbcTest
    @AutoConfigureTestDatabase(replace = Replace.NONE)
    class OnTheApplicationsDataSource {
        @Test
        void sendsInItsTransaction(@Autowired JdbcTemplate jdbc, @Autowired JmsTemplate jms) {
            Slices.sends(jdbc, jms);
        }
    }

    @Nested
    @OfTheShop
    @DataJpaTest
    class WithJpa {
        @Test
        void persistsAndSendsInItsTransaction(
                @Autowired EntityManager entities, @Autowired JdbcTemplate jdbc, @Autowired JmsTemplate jms) {
            Slices.persistsAndSends(entities, jdbc, jms);
        }

        @Test
        void persistsAndSendsInAnotherTransaction(
                @Autowired EntityManager entities, @Autowired JdbcTemplate jdbc, @Autowired JmsTemplate jms) {
            Slices.persistsAndSends(entities, jdbc, jms);
        }
    }
}
