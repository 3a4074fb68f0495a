package io.sqlmq.console;

import io.sqlmq.console.Actions.Action;
import io.sqlmq.console.Queues.Queue;
import io.sqlmq.jms.MessagePage;
import io.sqlmq.jms.MessagePart;
import io.sqlmq.jms.MessageQuery;
import io.sqlmq.jms.StoredMessage;
import jakarta.jms.JMSException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A queue: its figures, its messages, and what can be done to it. */
final class QueuePage {
    private static final int ROWS = 50;

    private QueuePage() {}

    /** Which messages a request is about. */
    static MessageQuery query(Request request, String queue) {
        String part = request.parameter("part");
        MessagePart wanted;
        try {
            wanted = part == null ? MessagePart.READY : MessagePart.valueOf(part.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw Refused.badRequest("A part of a queue is ready, waiting or set_aside.");
        }
        String limit = request.parameter("limit");
        int rows = limit != null && limit.matches("\\d{1,4}") ? Integer.parseInt(limit) : ROWS;
        return MessageQuery.of(queue)
                .part(wanted)
                .selector(request.parameter("selector"))
                .text(request.parameter("text"))
                .after(request.parameter("after"))
                .limit(Math.min(1_000, Math.max(1, rows)));
    }

    static Html page(Request request, Session session, boolean readOnly, String name, @Nullable Queue queue)
            throws JMSException {
        Html page = new Html();
        page.open(
                        "div",
                        "hx-ext",
                        "sse",
                        "sse-connect",
                        Page.link(request.base() + "/events", "name", name),
                        "sse-swap",
                        "message",
                        "id",
                        "live")
                .add(live(request, queue))
                .close("div");
        page.open("div", "class", "plots")
                .open("div", "data-plot", "depth", "data-queue", name, "data-title", "Messages")
                .close("div")
                .open("div", "data-plot", "rates", "data-queue", name, "data-title", "Messages a second, counted")
                .close("div")
                .open("div", "data-plot", "age", "data-queue", name, "data-title", "Age of the oldest, in seconds")
                .close("div")
                .close("div");
        page.add(search(request, name));
        MessagePage found = session.role().admin().messages(query(request, name));
        page.add(messages(request, session, readOnly, found, name));
        if (!readOnly) {
            page.add(actions(request, session, name, queue));
        }
        return page;
    }

    /** The figures. */
    static Html live(Request request, @Nullable Queue queue) {
        Html live = new Html();
        if (queue == null) {
            return live.element("p", "The queue is empty, and nobody waits on it.");
        }
        live.open("dl", "class", "figures");
        String[][] figures = {
            {"depth", Words.bounded(queue.depth(), queue.more())},
            {"sent/s", Words.rate(queue.sent())},
            {"gone/s", Words.rate(queue.gone())},
            {"ready", Words.number(queue.ready())},
            {"in flight", Words.number(queue.inFlight())},
            {"delayed", Words.number(queue.delayed())},
            {"backing off", Words.number(queue.backingOff())},
            {"set aside", Words.number(queue.setAside())},
            {"dead letters from it", Words.number(queue.dead())},
            {"oldest", Words.seconds(queue.age())},
            {"consumers that wait", Words.number(queue.consumers())}
        };
        for (String[] figure : figures) {
            live.open("div")
                    .element("dt", figure[0])
                    .element("dd", figure[1].isEmpty() ? "–" : figure[1])
                    .close("div");
        }
        live.close("dl");
        if (queue.more()) {
            live.element("a", "Count exactly", "href", Page.link(request.base() + "/count", "name", queue.name()));
        }
        if (queue.paused()) {
            live.element("p", "The queue is paused: nothing is delivered.", "class", "problems");
        }
        return live;
    }

    private static Html search(Request request, String name) {
        Html search = new Html();
        MessagePart part = query(request, name).part();
        search.open("nav", "class", "parts", "aria-label", "Parts of the queue");
        for (MessagePart other : MessagePart.values()) {
            String id = other.name().toLowerCase(Locale.ROOT);
            search.element(
                    "a",
                    switch (other) {
                        case READY -> "Ready";
                        case WAITING -> "Delayed, backing off, leased";
                        case SET_ASIDE -> "Set aside";
                    },
                    "href",
                    Page.link(
                            request.base() + "/queue",
                            "name",
                            name,
                            "part",
                            id,
                            "selector",
                            request.parameter("selector"),
                            "text",
                            request.parameter("text")),
                    "aria-current",
                    other == part ? "page" : null);
        }
        return search.close("nav")
                .open("form", "class", "search", "role", "search", "action", request.base() + "/queue")
                .add(Page.hidden("name", name))
                .add(Page.hidden("part", part.name().toLowerCase(Locale.ROOT)))
                .add(Page.input("selector", "Selector", request.parameter("selector"), 36))
                .add(Page.input("text", "Text", request.parameter("text"), 18))
                .element("button", "Search")
                .close("form");
    }

    /** A page of messages, and the way to the next. */
    static Html messages(Request request, Session session, boolean readOnly, MessagePage found, String queue) {
        Html page = new Html();
        if (found.messages().isEmpty()) {
            page.element("p", found.next() == null ? "No messages." : "None among those that were searched.");
        } else {
            page.open("div", "class", "wide")
                    .open("table")
                    .add(Page.head(
                            "Message", "State", "Sent", "#Priority", "#Deliveries", "Type", "Error", "Properties", ""))
                    .open("tbody");
            for (StoredMessage message : found.messages()) {
                page.add(row(request, session, readOnly, message));
            }
            page.close("tbody").close("table").close("div");
        }
        if (found.next() != null) {
            Map<String, String> all = new LinkedHashMap<>(request.parameters());
            all.put("after", found.next());
            String[] parameters = all.entrySet().stream()
                    .flatMap(e -> java.util.stream.Stream.of(e.getKey(), e.getValue()))
                    .toArray(String[]::new);
            boolean searches = request.parameter("selector") != null || request.parameter("text") != null;
            page.open("p", "class", "pages")
                    .element(
                            "a",
                            searches ? "search on →" : "more →",
                            "rel",
                            "next",
                            "href",
                            Page.link(request.base() + request.path(), parameters));
            if (searches) {
                page.text(" searched " + Words.count(found.searched(), "message"));
            }
            page.close("p");
        }
        return page;
    }

    private static Html row(Request request, Session session, boolean readOnly, StoredMessage message) {
        Html row = new Html().open("tr");
        String state = message.state() + (message.dueAt() == null ? "" : " until " + Words.time(message.dueAt()));
        row.open("td")
                .element(
                        "a",
                        message.id().substring(3),
                        "class",
                        "id",
                        "href",
                        Page.link(request.base() + "/message", "id", message.id()))
                .close("td");
        String error = message.setAside() == null ? message.error() : message.setAside();
        row.add(Page.cell(state))
                .add(Page.cell(Words.time(message.sentAt())))
                .add(Page.number(message.priority()))
                .add(Page.number(message.deliveryCount()))
                .add(Page.cell(message.type()))
                .element("td", shortened(error, 160), "class", "error")
                .element("td", shortened(message.properties(), 80), "class", "code")
                .open("td");
        if (!readOnly && message.deadLetter() != null) {
            row.add(Page.button(request, session, Action.RETRY, "Retry", "queue", message.queue(), "id", message.id()));
        }
        return row.close("td").close("tr");
    }

    private static @Nullable String shortened(@Nullable String text, int most) {
        return text == null || text.length() <= most ? text : text.substring(0, most) + "…";
    }

    private static Html actions(Request request, Session session, String name, @Nullable Queue queue) {
        String selector = request.parameter("selector");
        Html actions = new Html().open("section", "class", "actions").element("h2", "Actions");
        if (selector != null) {
            actions.element("p", "With the selector above:");
        }
        Html to = Page.input("to", "to the queue", null, 18);
        actions.add(Page.form(
                        request,
                        session,
                        Action.MOVE_MATCHING,
                        selector == null ? "Move all" : "Move all that match",
                        to,
                        "queue",
                        name,
                        "selector",
                        selector))
                .add(Page.form(
                        request,
                        session,
                        Action.COPY_MATCHING,
                        selector == null ? "Copy all" : "Copy all that match",
                        to,
                        "queue",
                        name,
                        "selector",
                        selector));
        if (selector != null) {
            actions.add(Page.button(
                    request,
                    session,
                    Action.REMOVE_MATCHING,
                    "Remove all that match",
                    "queue",
                    name,
                    "selector",
                    selector));
        } else {
            actions.add(Page.button(request, session, Action.PURGE, "Purge", "queue", name));
        }
        if (queue != null && queue.holdsDead()) {
            actions.add(Page.button(
                    request,
                    session,
                    Action.RETRY_MATCHING,
                    selector == null ? "Retry all" : "Retry all that match",
                    "queue",
                    name,
                    "selector",
                    selector));
        }
        if (queue != null && queue.setAside() > 0) {
            actions.add(Page.button(
                    request, session, Action.RETRY_SET_ASIDE, "Make what is set aside ready again", "queue", name));
        }
        if (queue != null && queue.paused()) {
            actions.add(Page.button(request, session, Action.RESUME, "Resume", "queue", name));
        } else {
            actions.add(Page.form(
                    request, session, Action.PAUSE, "Pause", Page.input("reason", "because", null, 18), "queue", name));
        }
        Html body = Page.input("type", "Type", null, 10)
                .add(Page.input("priority", "Priority", "4", 1))
                .open("label")
                .text("Text ")
                .open("textarea", "name", "body", "rows", "2", "cols", "40")
                .close("textarea")
                .close("label");
        return actions.add(Page.form(request, session, Action.SEND, "Send a test message", body, "queue", name))
                .close("section");
    }
}
