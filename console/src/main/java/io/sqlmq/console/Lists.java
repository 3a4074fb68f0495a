package io.sqlmq.console;

import io.sqlmq.console.Actions.Action;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What there is besides queues: one statement and one table each. */
enum Lists {
    /** With what waits for each subscription, as far as it is counted. */
    TOPICS("Topics and subscriptions", "Nobody subscribes.", """
            SELECT s.topic, s.subscription, s.client_id AS client, s.durable, s.shared, s.selector, s.consumers, s.queue, s.created_at AS since
              FROM @.mq_topic_subscribers s ORDER BY s.topic, s.subscription, s.client_id, s.queue LIMIT 1000"""),
    CONSUMERS("Consumers by process", "No process consumes.", """
            SELECT c.description AS process, c.alive, c.listening, c.leases, array_to_string(c.waits_for[:20], ', ') AS queues,
                   cardinality(c.waits_for) AS waits_for
              FROM @.mq_consumers c ORDER BY c.description, c.owner LIMIT 1000"""),
    SCHEDULES("Schedules", "Nothing is scheduled.", """
            SELECT s.id::text, s.name, s.destination, s.next_at AS next, s.cron, s.zone, s.period::text, s.repeats, s.last_error AS error
              FROM @.mq_scheduled s ORDER BY s.next_at NULLS LAST, s.id LIMIT 1000"""),
    TRANSACTIONS("Prepared transactions", "No transaction is prepared.", """
            SELECT p.gid::text, p.owner::text, p.prepared, extract(epoch FROM clock_timestamp() - p.prepared)::float8 AS age
              FROM pg_catalog.pg_prepared_xacts p WHERE p.database = current_database() ORDER BY p.prepared LIMIT 1000""");

    private final String title;
    private final String empty;
    private final String sql;

    Lists(String title, String empty, String sql) {
        this.title = title;
        this.empty = empty;
        this.sql = sql;
    }

    String title() {
        return title;
    }

    List<Map<String, @Nullable Object>> rows(Role role) throws SQLException {
        List<Map<String, @Nullable Object>> rows = role.database().rows(sql);
        if (this == TOPICS) {
            Watch.Look look = role.watch().look();
            for (Map<String, @Nullable Object> row : rows) {
                Queues.Queue queue = look.queue(String.valueOf(row.get("queue")));
                row.put("waiting", queue == null ? 0L : queue.depth());
                row.put("more", queue != null && queue.more());
                row.put("oldest", queue == null ? null : queue.age());
            }
        }
        return rows;
    }

    Html page(Request request, Session session, boolean readOnly) throws SQLException {
        List<Map<String, @Nullable Object>> rows = rows(session.role());
        Html page = new Html();
        if (rows.isEmpty()) {
            return page.element("p", empty);
        }
        page.open("div", "class", "wide").open("table").open("thead").open("tr");
        rows.get(0).keySet().forEach(name -> page.element("th", name.replace('_', ' '), "scope", "col"));
        if (this == SCHEDULES) {
            page.element("th", "", "scope", "col");
        }
        page.close("tr").close("thead").open("tbody");
        for (Map<String, @Nullable Object> row : rows) {
            page.open("tr");
            row.forEach((name, value) -> page.add(cell(request, name, value)));
            if (this == SCHEDULES) {
                page.open("td");
                if (!readOnly) {
                    page.add(Page.button(
                            request, session, Action.REMOVE_SCHEDULE, "End", "id", String.valueOf(row.get("id"))));
                }
                page.close("td");
            }
            page.close("tr");
        }
        return page.close("tbody").close("table").close("div");
    }

    private static Html cell(Request request, String name, @Nullable Object value) {
        if (name.equals("queue") && value != null) {
            return new Html()
                    .open("td")
                    .element("a", value, "href", Page.link(request.base() + "/queue", "name", value.toString()))
                    .close("td");
        } else if (value instanceof Instant time) {
            return Page.cell(Words.time(time));
        } else if (value instanceof Double seconds) {
            return Page.number(Words.seconds(seconds));
        } else if (value instanceof Number) {
            return Page.number(value);
        } else if (value instanceof Boolean truth) {
            return Page.cell(truth ? "yes" : "no");
        }
        return Page.cell(value);
    }
}
