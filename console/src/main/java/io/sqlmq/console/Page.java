package io.sqlmq.console;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What all pages have around them, and the pieces that several have. */
final class Page {
    private static final String[][] PLACES = {
        {"/", "Queues"},
        {"/dead", "Dead letters"},
        {"/topics", "Topics"},
        {"/consumers", "Consumers"},
        {"/schedules", "Schedules"},
        {"/transactions", "Transactions"},
        {"/health", "Health"}
    };

    private Page() {}

    /** A whole page. */
    static Html of(Request request, @Nullable Session session, String title, boolean readOnly, Html content) {
        String base = request.base();
        Html page = new Html().open("html", "lang", "en").open("head");
        page.open("meta", "charset", "utf-8")
                .open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
                .open(
                        "meta",
                        "name",
                        "htmx-config",
                        "content",
                        "{\"includeIndicatorStyles\":false,\"allowEval\":false,\"historyEnabled\":false}")
                .element("title", title + " · sqlmq")
                .open("link", "rel", "icon", "href", "data:,")
                .open("link", "rel", "stylesheet", "href", base + "/assets/uplot.css")
                .open("link", "rel", "stylesheet", "href", base + "/assets/console.css");
        for (String script : new String[] {"htmx.js", "htmx-sse.js", "uplot.js", "console.js"}) {
            page.open("script", "src", base + "/assets/" + script, "defer", "").close("script");
        }
        page.close("head")
                .open("body", "data-base", base.isEmpty() ? "/" : base)
                .open("header");
        page.element("a", "sqlmq", "class", "brand", "href", base + "/");
        if (session != null) {
            page.open("nav", "aria-label", "Main");
            for (String[] place : PLACES) {
                boolean here = place[0].equals(request.path());
                page.element("a", place[1], "href", base + place[0], "aria-current", here ? "page" : null);
            }
            String user = request.caller().user();
            String role = session.role().name();
            boolean isAdmitted = request.caller().isAdmitted();
            page.close("nav").add(post(request, "/logout", "who"));
            page.element(
                    "span",
                    (isAdmitted ? user : role) + (readOnly ? " (read-only)" : ""),
                    "title",
                    isAdmitted
                            ? "of the application, as the role of the database: " + role
                            : "the role of the database");
            page.add(hidden("csrf", session.csrf()));
            if (!isAdmitted) {
                page.element("button", "Log out");
            }
            page.close("form");
        }
        page.close("header").open("main");
        String told = session == null ? null : session.takeTold();
        if (told != null) {
            page.element("p", told, "class", "told", "role", "status");
        }
        return page.element("h1", title)
                .add(content)
                .close("main")
                .close("body")
                .close("html");
    }

    /** The beginning of a form that does something. */
    static Html post(Request request, String path, String style) {
        Html form = new Html().open("form", "method", "post", "action", request.base() + path, "class", style);
        request.caller().formFields().forEach((name, value) -> form.add(hidden(name, value)));
        return form;
    }

    static Html hidden(String name, String value) {
        return new Html().open("input", "type", "hidden", "name", name, "value", value);
    }

    /** A path with parameters; those that are null are left out. */
    static String link(String path, @Nullable String... parameters) {
        StringBuilder link = new StringBuilder(path);
        char separator = '?';
        for (int i = 0; i < parameters.length; i += 2) {
            String value = parameters[i + 1];
            if (value != null) {
                link.append(separator)
                        .append(parameters[i])
                        .append('=')
                        .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
                separator = '&';
            }
        }
        return link.toString();
    }

    /** A table's head; what begins with # is a column of numbers. */
    static Html head(String... columns) {
        Html head = new Html().open("thead").open("tr");
        for (String column : columns) {
            boolean number = column.startsWith("#");
            head.element("th", number ? column.substring(1) : column, "scope", "col", "class", number ? "n" : null);
        }
        return head.close("tr").close("thead");
    }

    /** A number; nothing for 0. */
    static Html number(@Nullable Object number) {
        return new Html().element("td", number, "class", "n");
    }

    static Html cell(@Nullable Object text) {
        return new Html().element("td", text);
    }

    /**
     * A button that does something.
     *
     * @param fields names and values of what goes with it
     */
    static Html button(
            Request request, Session session, Actions.Action action, String label, @Nullable String... fields) {
        return form(request, session, action, label, new Html(), fields);
    }

    /** As {@link #button}, with inputs before it. */
    static Html form(
            Request request,
            Session session,
            Actions.Action action,
            String label,
            Html inputs,
            @Nullable String... fields) {
        Html form = post(request, "/do/" + action.id(), "action")
                .add(hidden("csrf", session.csrf()))
                .add(hidden("back", here(request)));
        for (int i = 0; i < fields.length; i += 2) {
            String value = fields[i + 1];
            if (value != null) {
                form.add(hidden(fields[i], value));
            }
        }
        return form.add(inputs)
                .element("button", label, "class", action.question(request) == null ? null : "danger")
                .close("form");
    }

    static Html input(String name, String label, @Nullable String value, int size) {
        return new Html()
                .open("label")
                .text(label + " ")
                .open("input", "name", name, "value", value == null ? "" : value, "size", String.valueOf(size))
                .close("label");
    }

    /** The path of this page, to come back to. */
    private static String here(Request request) {
        String[] all = new String[request.parameters().size() * 2];
        int i = 0;
        for (var parameter : request.parameters().entrySet()) {
            all[i++] = parameter.getKey();
            all[i++] = parameter.getValue();
        }
        return link(request.path(), all);
    }
}
