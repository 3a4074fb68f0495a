package io.sqlmq.integration.spring;

import javax.sql.DataSource;

/** The same without a proxy, where a transaction holds a connection from its beginning. */
class EagerJpaListenersTest extends JpaListenersTest {

    @Override
    DataSource around(DataSource real) {
        return real;
    }
}
