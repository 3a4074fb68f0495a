package io.sqlmq.console;

import io.sqlmq.console.Actions.Action;
import io.sqlmq.jms.FailedAttempt;
import io.sqlmq.jms.StoredBody;
import io.sqlmq.jms.StoredMessage;
import jakarta.jms.JMSException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All there is of a message. */
final class MessageView {
    private MessageView() {}

    /** As far as the role may see it. */
    private record Seen(
            StoredMessage message,
            @Nullable StoredBody body,
            @Nullable String why,
            List<FailedAttempt> attempts) {}

    private static Seen see(Role role, String id) throws JMSException {
        StoredMessage message = role.admin().message(id);
        if (message == null) {
            throw Refused.notFound(
                    "There is no message " + id + ": it was received, has expired, or is not committed.");
        }
        return new Seen(message, body(role, id), why(role, message), attempts(role, message));
    }

    /** Null where the role may not read it. */
    private static @Nullable StoredBody body(Role role, String id) throws JMSException {
        try {
            return role.admin().body(id, Bodies.MOST);
        } catch (JMSException e) {
            if (Failures.isMissingRight(e)) {
                return null;
            }
            throw e;
        }
    }

    private static @Nullable String why(Role role, StoredMessage message) {
        try {
            return (String) role.database()
                    .rows("SELECT @.mq_why(?::text::uuid) AS why", message.id().substring(3))
                    .get(0)
                    .get("why");
        } catch (SQLException e) {
            return null;
        }
    }

    private static List<FailedAttempt> attempts(Role role, StoredMessage message) {
        try {
            return role.admin().attempts(message.id());
        } catch (JMSException e) {
            return List.of();
        }
    }

    static Html page(Request request, Session session, boolean readOnly, String id) throws JMSException {
        Seen seen = see(session.role(), id);
        StoredMessage message = seen.message();
        Html page = new Html();
        page.open("p")
                .text("in ")
                .element("a", message.queue(), "href", Page.link(request.base() + "/queue", "name", message.queue()))
                .text(": " + (seen.why() == null ? message.state() : seen.why()))
                .close("p");
        if (message.deadLetter() != null) {
            page.open("p", "class", "problems")
                    .text("Dead letter of " + message.deadLetter().origin() + " after "
                            + Words.count(message.deadLetter().attempts(), "attempt") + ": "
                            + message.deadLetter().reason())
                    .close("p");
        }
        if (!readOnly) {
            page.add(actions(request, session, message));
        }
        if (message.error() != null) {
            page.element("h2", "Last error").element("pre", message.error(), "class", "error");
        }
        page.element("h2", "Headers").open("dl", "class", "headers");
        headers(message).forEach((name, value) -> {
            if (value != null) {
                page.element("dt", name).element("dd", value);
            }
        });
        page.close("dl");
        if (message.properties() != null) {
            String pretty = Json.pretty(message.properties());
            page.element("h2", "Properties").element("pre", pretty == null ? message.properties() : pretty);
        }
        page.element("h2", "Body");
        StoredBody body = seen.body();
        if (body == null) {
            page.element("p", "Your role may not read bodies: mq_grant(role, 'watch bodies') would let it.");
        } else {
            Bodies.Shown shown = Bodies.show(body);
            page.element(
                    "p",
                    message.bodyType() + ", " + Words.count(body.length(), "byte")
                            + (shown.kind().equals("text") || shown.kind().equals("bytes")
                                    ? ""
                                    : ", shown as " + shown.kind())
                            + (body.length() > Bodies.MOST ? ", the first " + Words.number(Bodies.MOST) : ""));
            page.element("pre", shown.text(), "id", "body");
        }
        if (!seen.attempts().isEmpty()) {
            page.element("h2", "Attempts that failed")
                    .open("div", "class", "wide")
                    .open("table")
                    .add(Page.head("#Number", "Failed", "#Took", "Queue", "Error"))
                    .open("tbody");
            for (FailedAttempt attempt : seen.attempts()) {
                page.open("tr")
                        .add(Page.number(attempt.number()))
                        .add(Page.cell(Words.time(attempt.failedAt())))
                        .add(Page.number(
                                attempt.duration() == null
                                        ? null
                                        : attempt.duration().toMillis() + " ms"))
                        .add(Page.cell(attempt.queue()))
                        .element("td", attempt.error(), "class", "error")
                        .close("tr");
            }
            page.close("tbody").close("table").close("div");
        }
        return page;
    }

    private static Html actions(Request request, Session session, StoredMessage message) {
        String[] fields = {"queue", message.queue(), "id", message.id()};
        Html actions = new Html().open("section", "class", "actions");
        if (message.deadLetter() != null) {
            actions.add(Page.button(request, session, Action.RETRY, "Retry", fields));
        }
        if (message.setAside() != null) {
            actions.add(Page.button(request, session, Action.RETRY_SET_ASIDE, "Make ready again", fields));
        }
        return actions.add(Page.form(
                        request, session, Action.MOVE, "Move", Page.input("to", "to the queue", null, 16), fields))
                .add(Page.form(
                        request, session, Action.RESCHEDULE, "Reschedule", Page.input("at", "to", "now", 10), fields))
                .add(Page.form(
                        request,
                        session,
                        Action.REPRIORITIZE,
                        "Change priority",
                        Page.input("priority", "to", String.valueOf(message.priority()), 1),
                        fields))
                .add(Page.button(request, session, Action.REMOVE, "Remove", fields))
                .close("section");
    }

    private static Map<String, @Nullable Object> headers(StoredMessage message) {
        Map<String, @Nullable Object> headers = new LinkedHashMap<>();
        headers.put("JMSMessageID", message.messageId());
        headers.put("id of the row", message.id().equals(message.messageId()) ? null : message.id());
        headers.put("sent", Words.time(message.sentAt()));
        headers.put("due", Words.time(message.dueAt()));
        headers.put("expires", Words.time(message.expiresAt()));
        headers.put("priority", message.priority());
        headers.put("persistent", message.persistent());
        headers.put("deliveries", message.deliveryCount());
        headers.put("JMSCorrelationID", message.correlationId());
        headers.put("JMSType", message.type());
        headers.put("JMSReplyTo", message.replyTo());
        headers.put("group", message.group());
        return headers;
    }

    /** For the API. */
    static Map<String, @Nullable Object> json(Role role, String id) throws JMSException {
        Seen seen = see(role, id);
        Map<String, @Nullable Object> json = summary(seen.message());
        json.put("why", seen.why());
        StoredBody body = seen.body();
        json.put("body", body == null ? null : body.text());
        json.put(
                "bytes",
                body == null || body.bytes() == null
                        ? null
                        : java.util.Base64.getEncoder().encodeToString(body.bytes()));
        json.put("bodyLength", body == null ? null : body.length());
        List<Object> attempts = new ArrayList<>();
        for (FailedAttempt attempt : seen.attempts()) {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("number", attempt.number());
            one.put("failedAt", attempt.failedAt());
            one.put(
                    "millis",
                    attempt.duration() == null ? null : attempt.duration().toMillis());
            one.put("error", attempt.error());
            attempts.add(one);
        }
        json.put("attempts", attempts);
        return json;
    }

    static Map<String, @Nullable Object> summary(StoredMessage message) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", message.id());
        json.put("messageId", message.messageId());
        json.put("queue", message.queue());
        json.put("state", message.state());
        json.put("sentAt", message.sentAt());
        json.put("dueAt", message.dueAt());
        json.put("expiresAt", message.expiresAt());
        json.put("priority", message.priority());
        json.put("persistent", message.persistent());
        json.put("deliveries", message.deliveryCount());
        json.put("correlationId", message.correlationId());
        json.put("type", message.type());
        json.put("replyTo", message.replyTo());
        json.put("group", message.group());
        json.put("properties", message.properties());
        json.put("bodyType", message.bodyType());
        json.put("error", message.error());
        json.put("setAside", message.setAside());
        json.put(
                "origin",
                message.deadLetter() == null ? null : message.deadLetter().origin());
        json.put(
                "reason",
                message.deadLetter() == null ? null : message.deadLetter().reason());
        return json;
    }
}
