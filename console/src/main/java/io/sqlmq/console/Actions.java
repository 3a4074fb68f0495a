package io.sqlmq.console;

import io.sqlmq.jms.ChangeResult;
import io.sqlmq.jms.SqlmqAdmin;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.TextMessage;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What can be done, by name. Each leaves a line in the log {@code io.sqlmq.console.audit}. */
final class Actions {
    private static final Logger AUDIT = LoggerFactory.getLogger("io.sqlmq.console.audit");
    private static final Pattern FROM_NOW = Pattern.compile("(\\d{1,9}) ?(s|m|min|h|d)");

    private Actions() {}

    private static final Set<String> WITH_EACH = Set.of("csrf", "back", "confirm");
    private static final Set<Action> FILTERED = EnumSet.of(
            Action.RETRY_MATCHING,
            Action.RETRY_SET_ASIDE,
            Action.MOVE_MATCHING,
            Action.COPY_MATCHING,
            Action.REMOVE_MATCHING);

    /** What an action is called, what is asked before it is done, and the fields that it knows. */
    enum Action {
        RETRY("Retry", null, "queue", "id"),
        RETRY_MATCHING(
                "Retry all that match",
                "Put the dead letters of %s%s back to the queues that they came from?",
                "queue",
                "selector"),
        RETRY_SET_ASIDE("Make ready again", null, "queue", "id"),
        MOVE("Move", null, "queue", "id", "to"),
        MOVE_MATCHING("Move all that match", "Move the messages of %s%s?", "queue", "to", "selector"),
        COPY_MATCHING("Copy all that match", "Copy the messages of %s%s?", "queue", "to", "selector"),
        REMOVE("Remove", "Delete this message of %s?", "queue", "id"),
        REMOVE_MATCHING("Remove all that match", "Delete the messages of %s%s?", "queue", "selector"),
        PURGE("Purge", "Delete all messages of %s?", "queue"),
        RESCHEDULE("Reschedule", null, "queue", "id", "at"),
        REPRIORITIZE("Change priority", null, "queue", "id", "priority"),
        PAUSE("Pause", null, "queue", "reason"),
        RESUME("Resume", null, "queue"),
        SEND("Send", null, "queue", "body", "type", "priority"),
        REMOVE_SCHEDULE("End", "End the deliveries of this schedule?", "id");

        private final String label;
        private final @Nullable String question;

        @SuppressWarnings("ImmutableEnumChecker") // made by List.of
        private final List<String> fields;

        Action(String label, @Nullable String question, String... fields) {
            this.label = label;
            this.question = question;
            this.fields = List.of(fields);
        }

        /** What concerns it, besides what comes with each. */
        List<String> fields() {
            return fields;
        }

        /**
         * Refuses what it does not know, and a filter that a program has left out: neither is ever to mean all messages. On a page one sees what
         * is about to be done.
         */
        void check(Request request) {
            boolean hasAll = request.isApi() && FILTERED.contains(this);
            Set<String> known = new LinkedHashSet<>(fields);
            if (hasAll) {
                known.add("all");
            }
            for (String name : request.parameters().keySet()) {
                if (!known.contains(name)
                        && !WITH_EACH.contains(name)
                        && !request.caller().formFields().containsKey(name)) {
                    throw Refused.badRequest(id() + " knows no field " + name + ", but " + String.join(", ", known)
                            + ". Nothing was done.");
                }
            }
            String filter = fields.contains("selector") ? "selector" : "id";
            if (hasAll && (request.parameter(filter) == null) == (request.parameter("all") == null)) {
                throw Refused.badRequest("Give either the field " + filter
                        + ", or all=yes for all messages of the queue." + " Nothing was done.");
            }
        }

        /** As it is written in forms and paths. */
        String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        String label() {
            return label;
        }

        /** What has to be confirmed; null if nothing has. */
        @Nullable
        String question(Request request) {
            String selector = request.parameter("selector");
            return question == null
                    ? null
                    : String.format(
                            question,
                            request.parameter("queue"),
                            selector == null ? "" : " that " + selector + " selects");
        }

        static Action of(String id) {
            for (Action action : values()) {
                if (action.id().equals(id)) {
                    return action;
                }
            }
            throw Refused.notFound("There is no action " + id + ".");
        }
    }

    /**
     * What an action did.
     *
     * @param text in words
     * @param count how many messages or things; 0 if it could not be done
     */
    record Result(String text, long count) {
        Map<String, @Nullable Object> json() {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("result", text);
            json.put("count", count);
            return json;
        }
    }

    /** Does it. */
    static Result run(Action action, Request request, Session session) throws JMSException {
        String user = request.caller().user();
        String who = "role=" + line(session.role().name()) + (user == null ? "" : " user=" + line(user)) + " from="
                + request.from() + " action=" + action.id() + details(request);
        try {
            Result result = perform(action, request, session.role());
            AUDIT.info("{} result={}", who, result.text());
            return result;
        } catch (JMSException | RuntimeException e) {
            AUDIT.warn("{} failed={}", who, line(String.valueOf(e.getMessage())));
            throw e;
        }
    }

    private static String details(Request request) {
        StringBuilder details = new StringBuilder();
        for (String name : new String[] {"queue", "id", "to", "selector", "at", "priority", "reason"}) {
            String value = request.parameter(name);
            if (value != null) {
                details.append(' ').append(name).append('=').append(line(value));
            }
        }
        return details.toString();
    }

    /** Nobody writes lines of the log. */
    static String line(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    private static Result perform(Action action, Request request, Role role) throws JMSException {
        SqlmqAdmin admin = role.admin();
        if (action == Action.REMOVE_SCHEDULE) {
            return single(
                    admin.removeSchedule(request.needed("id")), "The schedule has ended", "There is no such schedule");
        }
        String queue = request.needed("queue");
        String selector = request.parameter("selector");
        return switch (action) {
            case RETRY ->
                single(
                        admin.retry(queue, request.needed("id")) > 0,
                        "The dead letter is back where it came from",
                        "It is not there, or somebody is working on it");
            case RETRY_MATCHING -> many(admin.retryMatching(queue, selector), "put back");
            case RETRY_SET_ASIDE ->
                many(
                        request.parameter("id") == null
                                ? admin.retrySetAside(queue)
                                : admin.retrySetAside(queue, request.needed("id")),
                        "made ready again");
            case MOVE ->
                single(
                        admin.move(queue, request.needed("to"), request.needed("id")),
                        "The message is in " + request.needed("to"),
                        "It is not there, or somebody is working on it");
            case MOVE_MATCHING -> many(admin.moveMatching(queue, request.needed("to"), selector), "moved");
            case COPY_MATCHING -> many(admin.copyMatching(queue, request.needed("to"), selector), "copied");
            case REMOVE -> changed(admin.cancel(queue, request.needed("id")), "removed");
            case REMOVE_MATCHING -> many(admin.removeMatching(queue, selector), "removed");
            case PURGE -> many(admin.purge(queue), "removed");
            case RESCHEDULE ->
                changed(admin.reschedule(queue, request.needed("id"), moment(request.needed("at"))), "rescheduled");
            case REPRIORITIZE ->
                changed(admin.reprioritize(queue, request.needed("id"), priority(request)), "given its new priority");
            case PAUSE ->
                single(
                        admin.pause(queue, request.parameter("reason")),
                        queue + " is paused",
                        queue + " was paused already");
            case RESUME -> single(admin.resume(queue), queue + " goes on", queue + " was not paused");
            case SEND -> send(request, role, queue);
            default -> throw new IllegalStateException("not done above: " + action);
        };
    }

    private static int priority(Request request) {
        String text = request.needed("priority");
        if (!text.matches("[0-9]")) {
            throw Refused.badRequest("A priority is 0 to 9.");
        }
        return Integer.parseInt(text);
    }

    /** {@code now}, a time from now ({@code 5 min}), or a moment in ISO 8601. */
    static Instant moment(String text) {
        Matcher matcher = FROM_NOW.matcher(text.strip());
        if (text.strip().equalsIgnoreCase("now")) {
            return Instant.now();
        } else if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            return Instant.now()
                    .plus(
                            switch (matcher.group(2)) {
                                case "s" -> Duration.ofSeconds(number);
                                case "h" -> Duration.ofHours(number);
                                case "d" -> Duration.ofDays(number);
                                default -> Duration.ofMinutes(number);
                            });
        }
        try {
            return OffsetDateTime.parse(text.strip()).toInstant();
        } catch (DateTimeException e) {
            throw Refused.badRequest("When? now, a time from now (30 s, 5 min, 2 h, 1 d), or 2026-11-29T18:00:00Z.");
        }
    }

    private static Result send(Request request, Role role, String queue) throws JMSException {
        String body = request.parameters().getOrDefault("body", "");
        int priority = request.parameter("priority") == null ? 4 : priority(request);
        try (JMSContext context = role.acting().createContext()) {
            TextMessage message = context.createTextMessage(body);
            message.setJMSType(request.parameter("type"));
            context.createProducer().setPriority(priority).send(context.createQueue(queue), message);
            return new Result("Sent " + message.getJMSMessageID(), 1);
        } catch (JMSRuntimeException e) {
            JMSException thrown = new JMSException(e.getMessage(), e.getErrorCode());
            thrown.initCause(e);
            throw thrown;
        }
    }

    private static Result many(long count, String done) {
        return new Result(Words.count(count, "message") + " " + done, count);
    }

    private static Result single(boolean done, String yes, String no) {
        return new Result(done ? yes : no, done ? 1 : 0);
    }

    private static Result changed(ChangeResult result, String done) {
        return result == ChangeResult.DONE
                ? new Result("The message is " + done, 1)
                : new Result(
                        "Nothing was changed: "
                                + result.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        0);
    }
}
