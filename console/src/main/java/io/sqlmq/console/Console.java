package io.sqlmq.console;

import io.sqlmq.console.Actions.Action;
import io.sqlmq.jms.MessagePage;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What answers requests, whatever server they came through. Thread-safe. */
final class Console {
    private static final Logger LOG = LoggerFactory.getLogger(Console.class);
    static final String COOKIE = "sqlmq_console";
    private static final int MOST_VIEWERS = 200;
    private static final int MOST_VIEWERS_OF_A_SESSION = 50;
    private static final long PING_MILLIS = 15_000;
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                    + "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /** Where they are on the class path, in the webjars that pom.xml names, and their types. */
    private static final Map<String, String[]> ASSETS = Map.of(
            "htmx.js", new String[] {"/META-INF/resources/webjars/htmx.org/2.0.4/dist/htmx.min.js", "text/javascript"},
            "htmx-sse.js", new String[] {"/META-INF/resources/webjars/htmx-ext-sse/2.2.2/sse.js", "text/javascript"},
            "uplot.js",
                    new String[] {"/META-INF/resources/webjars/uplot/1.6.30/dist/uPlot.iife.min.js", "text/javascript"},
            "uplot.css", new String[] {"/META-INF/resources/webjars/uplot/1.6.30/dist/uPlot.min.css", "text/css"},
            "console.js", new String[] {"console.js", "text/javascript"},
            "console.css", new String[] {"console.css", "text/css"});

    private final Sessions sessions;
    private final boolean readOnly;
    private final AtomicInteger viewers = new AtomicInteger();
    private final Map<String, Look> looks = looks();

    /** What answers a GET. */
    @FunctionalInterface
    private interface Look {
        Response at(Request request, Session session) throws Exception;
    }

    Console(Sessions sessions, boolean readOnly) {
        this.sessions = sessions;
        this.readOnly = readOnly;
    }

    /** Answers; what goes wrong is an answer, too. */
    Response answer(Request request) {
        Response response;
        try {
            response = route(request);
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            Refused refused = Failures.of(e);
            if (refused == null) {
                LOG.error("The console failed at {}", request.path(), e);
                refused = Refused.busy("The console failed; its log says more.");
            }
            response = refusal(request, refused);
        }
        return response.with("Content-Security-Policy", POLICY)
                .with("X-Content-Type-Options", "nosniff")
                .with("X-Frame-Options", "DENY")
                .with("Referrer-Policy", "same-origin")
                .with(
                        "Cache-Control",
                        request.path().startsWith("/assets/") && response.status() == 200
                                ? "max-age=3600"
                                : "no-store");
    }

    private Response refusal(Request request, Refused refused) {
        if (request.isApi() || request.path().equals("/events")) {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("error", refused.text());
            return Response.json(refused.status(), json);
        }
        if (refused.status() == 401) {
            return Response.see(request.base() + "/login");
        }
        Session session;
        try {
            session = session(request);
        } catch (Refused e) {
            session = null;
        }
        Html text = new Html().element("p", refused.text(), "class", "problems", "role", "alert");
        return Response.html(refused.status(), Page.of(request, session, "Not done", readOnly, text));
    }

    private Response route(Request request) throws Exception {
        if (request.path().startsWith("/assets/")) {
            return asset(request.path().substring("/assets/".length()));
        }
        if (!request.isPost() && !request.method().equals("GET")) {
            throw Refused.notAllowed("GET looks, POST does.");
        }
        if (request.path().equals("/login") || request.path().equals("/api/login")) {
            return request.isPost() ? login(request) : loginPage(request, null);
        }
        Session session = session(request);
        if (session == null) {
            throw Refused.notLoggedIn();
        }
        return request.isPost() ? post(request, session) : get(request, session);
    }

    // ---- who one is

    private @Nullable Session session(Request request) {
        String user = request.caller().user();
        return user != null && request.caller().isAdmitted()
                ? sessions.of(user)
                : sessions.find(request.cookie(COOKIE));
    }

    private Response login(Request request) throws InterruptedException {
        if (!isSameOrigin(request)) {
            throw Refused.forbidden("Another site has sent this.");
        }
        String token = request.parameter("token");
        try {
            Session session = token != null
                    ? sessions.loginByToken(token)
                    : sessions.loginByPassword(
                            request.needed("user"), request.parameters().getOrDefault("password", ""));
            LOG.info("{} has logged in from {}", Actions.line(session.role().name()), request.from());
            String secure = "https".equals(request.header("x-forwarded-proto")) ? "; Secure" : "";
            String cookie =
                    COOKIE + "=" + session.id() + "; Path=" + request.base() + "/; HttpOnly; SameSite=Strict" + secure;
            return (request.isApi() ? Response.json(200, json(session)) : Response.see(request.base() + "/"))
                    .with("Set-Cookie", cookie);
        } catch (Refused e) {
            LOG.warn(
                    "The console refused a login from {} {}: {}",
                    request.from(),
                    token != null
                            ? "by token"
                            : "as the role " + Actions.line(request.parameters().getOrDefault("user", "")),
                    Actions.line(e.text()));
            if (request.isApi() || e.status() == 400) {
                throw e;
            }
            return loginPage(request, e);
        }
    }

    private static Map<String, @Nullable Object> json(Session session) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("role", session.role().name());
        json.put("csrf", session.csrf());
        return json;
    }

    private Response loginPage(Request request, @Nullable Refused refused) {
        Html page = new Html();
        if (refused != null) {
            page.element("p", refused.text(), "class", "problems", "role", "alert");
        }
        if (sessions.hasPasswords()) {
            page.add(Page.post(request, "/login", "login"))
                    .element("h2", "As a role of the database")
                    .open("label")
                    .text("Role ")
                    .open("input", "name", "user", "autocomplete", "username", "autofocus", "", "required", "")
                    .close("label")
                    .open("label")
                    .text("Password ")
                    .open("input", "name", "password", "type", "password", "autocomplete", "current-password")
                    .close("label")
                    .element("button", "Log in")
                    .close("form");
        }
        page.add(Page.post(request, "/login", "login"))
                .element("h2", "With the token of the console")
                .open("label")
                .text("Token ")
                .open(
                        "input",
                        "name",
                        "token",
                        "autocomplete",
                        "off",
                        "required",
                        "",
                        "value",
                        request.isPost() ? null : request.parameter("token"))
                .close("label")
                .element("button", "Enter")
                .close("form");
        return Response.html(
                refused == null ? 200 : refused.status(), Page.of(request, null, "Log in", readOnly, page));
    }

    /** Browsers say where a form comes from; programs need not. */
    private static boolean isSameOrigin(Request request) {
        String origin = request.header("origin");
        return origin == null
                || isAt(origin, request.header("host"))
                || isAt(origin, request.header("x-forwarded-host"));
    }

    private static boolean isAt(String origin, @Nullable String host) {
        return host != null && (origin.equals("http://" + host) || origin.equals("https://" + host));
    }

    // ---- looking

    /** What there is to look at, by path. */
    private Map<String, Look> looks() {
        Map<String, Look> looks = new LinkedHashMap<>();
        looks.put(
                "/",
                (request, session) -> page(
                        request,
                        session,
                        "Queues",
                        OverviewPage.page(request, session.role().watch().look())));
        looks.put("/queue", (request, session) -> {
            String name = request.needed("name");
            Queues.Queue queue = session.role().watch().look().queue(name);
            return page(request, session, name, QueuePage.page(request, session, readOnly, name, queue));
        });
        looks.put("/count", (request, session) -> {
            String name = request.needed("name");
            session.tell(name + " has " + Words.count(session.role().admin().count(name), "message"));
            return Response.see(Page.link(request.base() + "/queue", "name", name));
        });
        looks.put("/message", (request, session) -> {
            String id = request.needed("id");
            return page(request, session, "Message " + id, MessageView.page(request, session, readOnly, id));
        });
        looks.put(
                "/dead",
                (request, session) -> page(
                        request,
                        session,
                        "Dead letters",
                        DeadPage.page(
                                request,
                                session,
                                readOnly,
                                session.role().watch().look())));
        for (Lists list : Lists.values()) {
            String path = "/" + list.name().toLowerCase(Locale.ROOT);
            looks.put(
                    path,
                    (request, session) -> page(request, session, list.title(), list.page(request, session, readOnly)));
            looks.put("/api" + path, (request, session) -> Response.json(200, list.rows(session.role())));
        }
        looks.put("/health", (request, session) -> page(request, session, "Health", Health.page(session.role())));
        looks.put("/events", this::events);
        looks.put("/api/session", (request, session) -> Response.json(200, json(session)));
        looks.put(
                "/api/overview",
                (request, session) -> Response.json(
                        200, OverviewPage.json(session.role().watch().look())));
        looks.put(
                "/api/samples",
                (request, session) ->
                        Response.json(200, session.role().watch().samples().json(request.parameter("queue"))));
        looks.put("/api/messages", (request, session) -> {
            MessagePage found = session.role().admin().messages(QueuePage.query(request, request.needed("queue")));
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put(
                    "messages",
                    found.messages().stream().map(MessageView::summary).toList());
            json.put("next", found.next());
            json.put("searched", found.searched());
            return Response.json(200, json);
        });
        looks.put(
                "/api/message",
                (request, session) -> Response.json(200, MessageView.json(session.role(), request.needed("id"))));
        looks.put(
                "/api/count",
                (request, session) -> Response.json(
                        200, Map.of("count", session.role().admin().count(request.needed("queue")))));
        looks.put(
                "/api/dead",
                (request, session) -> Response.json(200, DeadPage.kinds(session.role(), request.needed("queue"))));
        looks.put("/api/health", (request, session) -> Response.json(200, Health.json(session.role())));
        return looks;
    }

    /** All of them; for tests. */
    Set<String> paths() {
        return looks.keySet();
    }

    private Response get(Request request, Session session) throws Exception {
        Look look = looks.get(request.path());
        if (look == null) {
            throw Refused.notFound("There is nothing at " + request.path() + ".");
        }
        return look.at(request, session);
    }

    private Response page(Request request, Session session, String title, Html content) {
        return Response.html(200, Page.of(request, session, title, readOnly, content));
    }

    /** The live part of the first screen, or of a queue, again and again. */
    private Response events(Request request, Session session) {
        if (viewers.get() >= MOST_VIEWERS || session.viewers().get() >= MOST_VIEWERS_OF_A_SESSION) {
            throw Refused.busy("Too many look on; reload the page instead.");
        }
        Watch watch = session.role().watch();
        return Response.events(
                events -> { // of an answer that cannot be sent nobody hears
                    viewers.incrementAndGet();
                    session.viewers().incrementAndGet();
                    try {
                        long version = 0; // of a watch that has not looked yet
                        while (sessions.isAlive(session)) {
                            Watch.Look look = watch.await(version, PING_MILLIS);
                            if (look == null) {
                                events.send(":\n\n");
                                if (watch.failure() != null) {
                                    Thread.sleep(1_000); // a failed look is told at once, again and again
                                }
                                continue;
                            }
                            version = look.version();
                            String name = request.parameter("name");
                            Html part = name == null
                                    ? OverviewPage.live(request, look)
                                    : QueuePage.live(request, look.queue(name));
                            events.send("data: " + part.toString().replaceAll("\\R", "\ndata: ") + "\n\n");
                        }
                    } finally {
                        viewers.decrementAndGet();
                        session.viewers().decrementAndGet();
                    }
                });
    }

    // ---- doing

    private Response post(Request request, Session session) throws JMSException {
        String given = request.parameter("csrf");
        if (given == null) {
            given = request.header("x-csrf-token"); // which may be that of the application around
        }
        if (!session.csrf().equals(given) || !isSameOrigin(request)) {
            throw Refused.forbidden("This did not come from a page of the console, or that page is old: reload it.");
        }
        if (request.path().equals("/logout") || request.path().equals("/api/logout")) {
            sessions.end(session);
            return Response.see(request.base() + "/login");
        }
        String path = request.path();
        String prefix = request.isApi() ? "/api/do/" : "/do/";
        if (!path.startsWith(prefix)) {
            throw Refused.notFound("There is nothing to do at " + path + ".");
        }
        if (readOnly) {
            throw Refused.forbidden("This console only looks: it was started read-only.");
        }
        Action action = Action.of(path.substring(prefix.length()));
        action.check(request);
        String question = action.question(request);
        if (question != null && request.parameter("confirm") == null) {
            if (request.isApi()) {
                throw Refused.badRequest("Say confirm=yes: " + question);
            }
            return page(request, session, action.label() + "?", confirmation(request, session, action, question));
        }
        Actions.Result result = Actions.run(action, request, session);
        session.role().watch().expectNews();
        if (request.isApi()) {
            return Response.json(200, result.json());
        }
        session.tell(result.text() + ".");
        String back = request.parameter("back");
        // Only to a page of the console.
        boolean isPath = back != null
                && back.matches("/(?:[^/\\\\].*)?")
                && (action != Action.REMOVE || !back.startsWith("/message"));
        return Response.see(request.base() + (isPath ? back : "/"));
    }

    private static Html confirmation(Request request, Session session, Action action, String question) {
        Html page = new Html().element("p", question);
        page.add(Page.post(request, "/do/" + action.id(), "action"));
        Map<String, String> fields = new LinkedHashMap<>(request.parameters());
        fields.keySet().removeAll(request.caller().formFields().keySet());
        fields.put("csrf", session.csrf());
        fields.put("confirm", "yes");
        fields.forEach((name, value) -> page.add(Page.hidden(name, value)));
        String back = request.parameter("back");
        return page.element("button", action.label(), "class", "danger", "autofocus", "")
                .text(" ")
                .element(
                        "a",
                        "Leave it",
                        "href",
                        request.base() + (back != null && back.startsWith("/") && !back.startsWith("//") ? back : "/"))
                .close("form");
    }

    // ---- files

    private static Response asset(String name) throws IOException {
        String[] asset = ASSETS.get(name);
        if (asset == null) {
            throw Refused.notFound("There is no file " + name + ".");
        }
        try (InputStream in = Console.class.getResourceAsStream(asset[0])) {
            if (in == null) {
                throw Refused.notFound("The file " + asset[0] + " is not on the class path.");
            }
            return Response.of(200, asset[1] + "; charset=utf-8", in.readAllBytes());
        }
    }
}
