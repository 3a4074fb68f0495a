package io.sqlmq.console;

import io.sqlmq.console.Actions.Action;
import io.sqlmq.console.Queues.Queue;
import io.sqlmq.jms.MessagePage;
import jakarta.jms.JMSException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Dead letters: where they came from and why they failed, and each of them. */
final class DeadPage {
    private static final int GROUPED = 10_000;

    private DeadPage() {}

    /** Kinds of them, the most frequent first, of the first 10,000. */
    static List<Map<String, @Nullable Object>> kinds(Role role, String queue) throws SQLException {
        return role.database().rows("""
                        SELECT d.origin, d.error, count(*) AS letters, max(d.dead_at) AS last FROM (
                          SELECT m.dead_origin AS origin, left(m.last_error, 200) AS error, m.dead_at FROM @.mq_rows m
                           WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS NULL
                           ORDER BY m.prio_rank, m.seq LIMIT ?) d
                         WHERE d.origin IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 100""", queue, GROUPED);
    }

    static Html page(Request request, Session session, boolean readOnly, Watch.Look look)
            throws JMSException, SQLException {
        List<Queue> queues = look.queues().stream().filter(Queue::holdsDead).toList();
        String chosen = request.parameter("queue");
        if (chosen == null) {
            if (queues.isEmpty()) {
                return new Html().element("p", "There are no dead letters.", "class", "well");
            }
            chosen = queues.get(0).name();
        }
        Html page = new Html();
        if (queues.size() > 1) {
            page.open("nav", "class", "parts", "aria-label", "Queues of dead letters");
            for (Queue queue : queues) {
                page.element(
                        "a",
                        queue.name() + " " + Words.bounded(queue.depth(), queue.more()),
                        "href",
                        Page.link(request.base() + "/dead", "queue", queue.name()),
                        "aria-current",
                        queue.name().equals(chosen) ? "page" : null);
            }
            page.close("nav");
        }
        page.element("h2", "By origin and error")
                .open("div", "class", "wide")
                .open("table")
                .add(Page.head("Origin", "Error", "#Letters", "Last", ""))
                .open("tbody");
        for (Map<String, @Nullable Object> kind : kinds(session.role(), chosen)) {
            page.add(kind(request, session, readOnly, chosen, kind));
        }
        page.close("tbody")
                .close("table")
                .close("div")
                .open("h2")
                .text("Dead letters in ")
                .element("a", chosen, "href", Page.link(request.base() + "/queue", "name", chosen))
                .close("h2");
        String selector = request.parameter("selector");
        if (selector != null) {
            page.open("p")
                    .text("Only those that ")
                    .element("code", selector)
                    .text(" selects. ")
                    .element("a", "All", "href", Page.link(request.base() + "/dead", "queue", chosen))
                    .close("p");
        }
        MessagePage found = session.role().admin().messages(QueuePage.query(request, chosen));
        page.add(QueuePage.messages(request, session, readOnly, found, chosen));
        if (!readOnly && !found.messages().isEmpty()) {
            page.open("section", "class", "actions")
                    .add(Page.button(
                            request,
                            session,
                            Action.RETRY_MATCHING,
                            selector == null ? "Retry all" : "Retry all that match",
                            "queue",
                            chosen,
                            "selector",
                            selector))
                    .close("section");
        }
        return page;
    }

    private static Html kind(
            Request request, Session session, boolean readOnly, String queue, Map<String, @Nullable Object> kind) {
        String selector = selector(String.valueOf(kind.get("origin")), (String) kind.get("error"));
        Html row = new Html()
                .open("tr")
                .open("td")
                .element(
                        "a",
                        kind.get("origin"),
                        "href",
                        Page.link(request.base() + "/dead", "queue", queue, "selector", selector))
                .close("td")
                .element("td", kind.get("error"), "class", "error")
                .add(Page.number(kind.get("letters")))
                .add(Page.cell(Words.time((java.time.Instant) kind.get("last"))))
                .open("td");
        if (!readOnly) {
            row.add(Page.button(
                    request, session, Action.RETRY_MATCHING, "Retry these", "queue", queue, "selector", selector));
        }
        return row.close("td").close("tr");
    }

    /** That selects this kind. */
    static String selector(String origin, @Nullable String error) {
        String selector = "JMS_SQLMQ_DeadLetterOrigin = '" + origin.replace("'", "''") + "'";
        return error == null
                ? selector + " AND JMS_SQLMQ_DeadLetterError IS NULL"
                : selector + " AND JMS_SQLMQ_DeadLetterError LIKE '"
                        + error.replace("!", "!!")
                                .replace("%", "!%")
                                .replace("_", "!_")
                                .replace("'", "''") + "%' ESCAPE '!'";
    }
}
