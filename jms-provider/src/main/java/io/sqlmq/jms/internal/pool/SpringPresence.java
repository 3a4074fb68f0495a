package io.sqlmq.jms.internal.pool;

/** Whether Spring, which is optional, is there. */
public final class SpringPresence {
    private static final String SPRING = "org.springframework.jdbc.datasource.DataSourceUtils";

    private SpringPresence() {}

    /** Whether classes that use Spring's JDBC support can be loaded. */
    public static boolean isThere() {
        try {
            Class.forName(SPRING, false, SpringPresence.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }
}
