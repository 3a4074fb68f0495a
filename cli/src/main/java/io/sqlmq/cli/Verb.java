package io.sqlmq.cli;

import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.schema.Migrator;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What a verb needs: the database, its schema, and a place for what it finds. A verb is executed once, by one thread. */
@Command(mixinStandardHelpOptions = true)
abstract class Verb implements Callable<Integer> {
    static final int DONE = 0;

    /** How long Ctrl-C waits for a step, should it not come to its end. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @ParentCommand
    private @Nullable Sqlmq parent;

    @Spec
    private @Nullable CommandSpec spec;

    private @Nullable SqlmqConnectionFactory factory;
    private @Nullable Ending ending;

    /** What Ctrl-C does. Unless a verb says more, it ends it at once, with what its own connections are asked at that time. */
    final Ending ending() {
        if (ending == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return ending;
    }

    /** From now on until it has run, Ctrl-C ends the verb between two steps, and then runs what is given. */
    final Ending endedBy(Runnable last) {
        ending().last(last);
        return ending();
    }

    /** From now on the verb is one step, which looks at {@link Ending#isAsked} now and then. */
    final Ending endedInOrder() {
        ending().begin();
        return ending();
    }

    /** The verb's work. What {@link #database} opens is for it to close. */
    abstract int run() throws Exception;

    @Override
    public final Integer call() throws Exception {
        try (Ending made = new Ending(PATIENCE)) {
            ending = made;
            return runToItsEnd(made);
        }
    }

    private int runToItsEnd(Ending made) throws Exception {
        try {
            return run();
        } catch (Exception e) {
            if (!made.isAsked()) {
                throw e;
            }
            if (made.isInStep()) {
                complain(Failures.text(e));
            } else { // it tells of what was cancelled
                made.await();
            }
            return Problem.FAILED;
        } finally {
            out().flush();
            Thread.interrupted(); // which has done what it was to do
            if (factory != null) {
                factory.close();
            }
        }
    }

    final Sqlmq sqlmq() {
        if (parent == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return parent;
    }

    final PrintWriter out() {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        return spec.commandLine().getErr();
    }

    /** A line; at once, so that whoever reads along sees it. */
    final void say(String line) {
        out().println(line);
        out().flush();
    }

    final void complain(String line) {
        err().println("sqlmq: " + line);
        err().flush();
    }

    /** Whoever read along, such as {@code head}, has gone: nothing goes on for nobody. */
    final boolean isUnread() {
        return out().checkError();
    }

    /** What a verb found or did, as it is asked for. */
    final void print(Table table) {
        lines(table).forEach(out()::println);
        out().flush();
    }

    /** For one thing with many properties. */
    final void printVertical(Table table) {
        (sqlmq().isJson() ? table.json() : table.vertical()).forEach(out()::println);
        out().flush();
    }

    final List<String> lines(Table table) {
        return sqlmq().isJson() ? table.json() : table.lines(sqlmq().width(), sqlmq().ansi());
    }

    /** What a verb did: in words for people, as one object for programs. */
    final void report(String words, Table facts) {
        if (sqlmq().isJson()) {
            facts.json().forEach(out()::println);
        } else {
            out().println(words);
        }
        out().flush();
    }

    /** As {@link #report}, of a number of messages. */
    final void reportCount(String what, long count) {
        Table facts = new Table(what);
        facts.add(count);
        report(what + " " + messages(count), facts);
    }

    static String messages(long count) {
        return count == 1 ? "1 message" : count + " messages";
    }

    /** A migrator for the schema that was said, else for the one with the table, else for the default. */
    final Migrator migrator(String table) throws SQLException {
        SqlmqOptions target = sqlmq().target.factory(sqlmq().environment()).getOptions();
        if (!sqlmq().target.saysSchema(sqlmq().environment())) {
            try (Connection connection = Target.connect(target)) {
                List<String> schemas = Target.schemas(connection, table);
                if (!schemas.isEmpty()) {
                    target.setSchema(one(schemas));
                }
            }
        }
        return new Migrator(new PlainDataSource(target, ending()), target.getSchema());
    }

    /** For the schema that has the tables; it is closed when the verb has run. */
    final SqlmqConnectionFactory factory() throws SQLException {
        SqlmqConnectionFactory known = factory;
        if (known != null) {
            return known;
        }
        SqlmqConnectionFactory made = sqlmq().target.factory(sqlmq().environment());
        // A factory would go on trying for longer than people wait, so this asks whether the database is there.
        try (Connection connection = Target.connect(made.getOptions())) {
            List<String> schemas = Target.schemas(connection, "mq_schema_history");
            String schema = made.getOptions().getSchema();
            if (!sqlmq().target.saysSchema(sqlmq().environment())) {
                made.getOptions().setSchema(one(schemas));
            } else if (!schemas.contains(schema)
                    && !Target.schemas(connection, "mq_msgs").contains(schema)) {
                throw Problem.failed("there are no tables of sqlmq in the schema " + schema + ": "
                        + (schemas.isEmpty()
                                ? "create them with `sqlmq migrate`, or name another database"
                                : "those of this database are in " + String.join(", ", schemas)));
            }
        }
        factory = made;
        return made;
    }

    final SqlmqOptions options() throws SQLException {
        return factory().getOptions();
    }

    private static String one(List<String> schemas) {
        if (schemas.isEmpty()) {
            throw Problem.failed("no schema of this database has the tables of sqlmq: "
                    + "create them with `sqlmq migrate`, or name another database");
        }
        if (schemas.size() > 1) {
            throw Problem.wrongArguments("several schemas have the tables of sqlmq, choose one with --schema: "
                    + String.join(", ", schemas));
        }
        return schemas.get(0);
    }

    /** A connection on which names without a schema are those of sqlmq's, and statements may take their time. */
    final Connection database() throws SQLException {
        Connection connection = Target.connect(options());
        ending().cancels(connection);
        String schema = options().getSchema();
        connection.setSchema(schema);
        Table role = query(
                connection,
                "SELECT set_config('statement_timeout', '0', false), current_user::text AS name,"
                        + " has_schema_privilege(?, 'USAGE') AS may",
                schema);
        if (Boolean.FALSE.equals(role.column("may").get(0))) { // else it would look as if there was nothing in it
            connection.close();
            String name = String.valueOf(role.column("name").get(0));
            throw Problem.failed("the role " + name + " may not use the schema " + schema
                    + ": let the owner of the tables run SELECT " + quoted(schema, '"') + ".mq_grant("
                    + quoted(name, '\'') + ", 'administer'), or less than that");
        }
        return connection;
    }

    private static String quoted(String text, char quote) {
        return quote + text.replace(String.valueOf(quote), String.valueOf(quote) + quote) + quote;
    }

    /** What {@link #administer} does. */
    @FunctionalInterface
    interface Administration<T> {
        T by(SqlmqAdmin admin) throws Exception;
    }

    /** The rest of the verb is one step. Ctrl-C ends it between two batches; it then tells how many messages it has worked on. */
    final <T> T administer(Administration<T> what) throws Exception {
        Thread thread = Thread.currentThread();
        ending().first(thread::interrupt);
        ending().begin();
        return what.by(factory().admin());
    }

    /** Of names without a schema; the parameters are text, numbers or null. */
    static Table query(Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                return Table.of(result);
            }
        }
    }

    /** As {@link #query(Connection, String, Object...)}, on a connection of its own. */
    final Table query(String sql, @Nullable Object... parameters) throws SQLException {
        try (Connection connection = database()) {
            return query(connection, sql, parameters);
        }
    }

    /** For numbers on the command line. */
    static void requireAtLeast(long least, String option, long value) {
        if (value < least) {
            throw Problem.wrongArguments(option + " is " + least + " or more, not " + value);
        }
    }

    /** Asks on the terminal; whoever cannot be asked has to say {@code --yes}. */
    final void confirm(boolean yes, String question) {
        if (yes) {
            return;
        }
        err().print(question + " [y/N] ");
        err().flush();
        String answer = sqlmq().readLine();
        if (answer == null || !answer.strip().toLowerCase(java.util.Locale.ROOT).matches("y(es)?")) {
            throw Problem.failed("nothing was changed; --yes does it without asking");
        }
    }
}
