package io.sqlmq.console;

import io.sqlmq.console.Queues.Queue;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The first screen: what is wrong, and the queues. */
final class OverviewPage {
    private static final int ROWS = 100;
    private static final List<String> COLUMNS = List.of(
            "queue",
            "depth",
            "sent/s",
            "gone/s",
            "ready",
            "in-flight",
            "delayed",
            "backing-off",
            "set-aside",
            "dead",
            "oldest",
            "consumers");

    private OverviewPage() {}

    static Html page(Request request, Watch.Look look) {
        Html page = new Html();
        page.open("form", "class", "search", "role", "search")
                .add(Page.input("q", "Queue", request.parameter("q"), 24))
                .open("label")
                .open(
                        "input",
                        "type",
                        "checkbox",
                        "name",
                        "all",
                        "value",
                        "1",
                        "checked",
                        request.parameter("all") == null ? null : "")
                .text(" subscriptions and temporary queues too")
                .close("label")
                .element("button", "Show")
                .close("form");
        page.open("div", "class", "overview")
                .open("div", "class", "plots")
                .open("div", "data-plot", "rates", "data-title", "Messages a second, counted by PostgreSQL")
                .close("div")
                .open("div", "data-plot", "depth", "data-title", "Messages")
                .close("div")
                .close("div");
        page.open(
                "div",
                "hx-ext",
                "sse",
                "sse-connect",
                Page.link(
                        request.base() + "/events",
                        "q",
                        request.parameter("q"),
                        "all",
                        request.parameter("all"),
                        "sort",
                        request.parameter("sort"),
                        "from",
                        request.parameter("from")),
                "sse-swap",
                "message",
                "id",
                "live");
        return page.add(live(request, look)).close("div").close("div");
    }

    /** The part that changes. */
    static Html live(Request request, Watch.Look look) {
        Html live = new Html();
        String base = request.base();
        if (look.problems().isEmpty()) {
            live.element("p", "Nothing is wrong that can be seen from here.", "class", "well");
        } else {
            live.open("ul", "class", "problems", "aria-label", "What is wrong");
            for (Problem problem : look.problems()) {
                String link = problem.queue() == null
                        ? base + "/health"
                        : Page.link(
                                base + (problem.isDead() ? "/dead" : "/queue"),
                                problem.isDead() ? "queue" : "name",
                                problem.queue());
                live.open("li").element("a", problem.text(), "href", link).close("li");
            }
            live.close("ul");
        }
        List<Queue> found = found(request, look);
        int from = from(request, found.size());
        List<Queue> shown = found.subList(from, Math.min(found.size(), from + ROWS));
        live.open("div", "class", "wide").open("table").open("thead").open("tr");
        for (String column : COLUMNS) {
            live.open("th", "scope", "col", "class", column.equals("queue") ? null : "n")
                    .element(
                            "a",
                            column.replace('-', ' '),
                            "href",
                            Page.link(
                                    base + "/",
                                    "q",
                                    request.parameter("q"),
                                    "all",
                                    request.parameter("all"),
                                    "sort",
                                    column))
                    .close("th");
        }
        live.close("tr").close("thead").open("tbody");
        for (Queue queue : shown) {
            live.add(row(base, queue));
        }
        live.close("tbody").close("table").close("div");
        if (found.isEmpty()) {
            live.element(
                    "p",
                    "No queue has messages or consumers" + (request.parameter("q") == null ? "." : " and that name."));
        }
        if (!found.isEmpty()) {
            live.element("p", Words.RATES, "class", "note");
        }
        live.open("p", "class", "pages");
        if (from > 0) {
            live.element("a", "← before", "rel", "prev", "href", link(request, Math.max(0, from - ROWS)));
        }
        live.text(" " + Words.count(found.size(), "queue") + " ");
        if (from + ROWS < found.size()) {
            live.element("a", "more →", "rel", "next", "href", link(request, from + ROWS));
        }
        return live.close("p");
    }

    private static String link(Request request, int from) {
        return Page.link(
                request.base() + "/",
                "q",
                request.parameter("q"),
                "all",
                request.parameter("all"),
                "sort",
                request.parameter("sort"),
                "from",
                String.valueOf(from));
    }

    private static int from(Request request, int size) {
        String from = request.parameter("from");
        int wanted = from != null && from.matches("\\d{1,6}") ? Integer.parseInt(from) : 0;
        return Math.min(wanted, Math.max(0, size - 1));
    }

    private static List<Queue> found(Request request, Watch.Look look) {
        String q = request.parameter("q");
        boolean all = request.parameter("all") != null;
        Stream<Queue> found = look.queues().stream()
                .filter(queue -> all || queue.isPlain())
                .filter(queue ->
                        q == null || queue.name().toLowerCase(Locale.ROOT).contains(q.toLowerCase(Locale.ROOT)));
        String sort = request.parameter("sort");
        return found.sorted(order(sort == null ? "" : sort)).toList();
    }

    private static Comparator<Queue> order(String sort) {
        Comparator<Queue> byName = Comparator.comparing(Queue::name);
        return switch (sort) {
            case "queue" -> byName;
            case "sent/s" ->
                Comparator.comparingDouble((Queue q) -> q.sent() == null ? -1 : q.sent())
                        .reversed()
                        .thenComparing(byName);
            case "gone/s" ->
                Comparator.comparingDouble((Queue q) -> q.gone() == null ? -1 : q.gone())
                        .reversed()
                        .thenComparing(byName);
            case "ready" -> Comparator.comparingLong(Queue::ready).reversed().thenComparing(byName);
            case "in-flight" ->
                Comparator.comparingLong(Queue::inFlight).reversed().thenComparing(byName);
            case "delayed" ->
                Comparator.comparingLong(Queue::delayed).reversed().thenComparing(byName);
            case "backing-off" ->
                Comparator.comparingLong(Queue::backingOff).reversed().thenComparing(byName);
            case "set-aside" ->
                Comparator.comparingLong(Queue::setAside).reversed().thenComparing(byName);
            case "dead" -> Comparator.comparingLong(Queue::dead).reversed().thenComparing(byName);
            case "oldest" ->
                Comparator.comparingDouble((Queue q) -> q.age() == null ? -1 : q.age())
                        .reversed()
                        .thenComparing(byName);
            case "consumers" ->
                Comparator.comparingLong(Queue::consumers).reversed().thenComparing(byName);
            default -> Comparator.comparingLong(Queue::depth).reversed().thenComparing(byName);
        };
    }

    private static Html row(String base, Queue queue) {
        Html row = new Html().open("tr").open("td");
        row.element("a", queue.name(), "href", Page.link(base + "/queue", "name", queue.name()));
        if (queue.topic() != null) {
            row.element(
                    "small", " " + queue.topic() + (queue.subscription() == null ? "" : " → " + queue.subscription()));
        }
        if (queue.paused()) {
            row.text(" ").element("em", "paused");
        }
        if (queue.holdsDead()) {
            row.text(" ").element("a", "dead letters", "href", Page.link(base + "/dead", "queue", queue.name()));
        }
        row.close("td")
                .add(Page.number(Words.bounded(queue.depth(), queue.more())))
                .add(Page.number(Words.rate(queue.sent())))
                .add(Page.number(Words.rate(queue.gone())));
        for (long number : new long[] {
            queue.ready(), queue.inFlight(), queue.delayed(), queue.backingOff(), queue.setAside(), queue.dead()
        }) {
            row.add(Page.number(number == 0 ? null : Words.number(number)));
        }
        return row.add(Page.number(Words.seconds(queue.age())))
                .add(Page.number(queue.consumers() == 0 ? null : Words.number(queue.consumers())))
                .close("tr");
    }

    static Map<String, @Nullable Object> json(Watch.Look look) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("at", java.time.Instant.ofEpochMilli(look.at()));
        json.put("problems", look.problems().stream().map(Problem::json).toList());
        json.put("queues", look.queues().stream().map(Queue::json).toList());
        return json;
    }
}
