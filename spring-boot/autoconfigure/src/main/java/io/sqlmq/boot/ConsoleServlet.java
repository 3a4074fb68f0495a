package io.sqlmq.boot;

import io.sqlmq.console.MountedConsole;
import io.sqlmq.console.Request;
import io.sqlmq.console.Response;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.util.ClassUtils;

/** Hands the console what the application's servlet container and security have let through. */
final class ConsoleServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final boolean SPRING_SECURITY = ClassUtils.isPresent(
            "org.springframework.security.web.csrf.CsrfToken", ConsoleServlet.class.getClassLoader());

    private final transient ObjectProvider<MountedConsoleLifecycle> lifecycle;
    private final transient List<String> roles;
    private final transient ExecutorService streams;

    ConsoleServlet(ObjectProvider<MountedConsoleLifecycle> lifecycle, List<String> roles) {
        this.lifecycle = lifecycle;
        this.roles = List.copyOf(roles);
        AtomicInteger number = new AtomicInteger();
        // Those who look on keep a thread each, which are not to be the server's.
        this.streams = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "sqlmq-console-events-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        MountedConsole console = lifecycle.getObject().console();
        if (console == null) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        if (request.getPathInfo() == null) {
            response.setStatus(HttpServletResponse.SC_FOUND);
            response.setHeader("Location", base(request) + "/");
            return;
        }
        Response answer = console.answer(asked(request));
        response.setStatus(answer.status());
        answer.headers().forEach(response::setHeader);
        byte[] body = answer.body();
        Response.Stream stream = answer.stream();
        if (body != null) {
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
        } else if (stream != null) {
            stream(stream, request.startAsync(), response.getOutputStream());
        }
    }

    private void stream(Response.Stream stream, AsyncContext async, ServletOutputStream out) {
        async.setTimeout(0);
        streams.execute(() -> {
            try {
                stream.to(text -> {
                    out.write(text.getBytes(StandardCharsets.UTF_8));
                    out.flush();
                });
                async.complete();
            } catch (IOException | IllegalStateException e) {
                // Nobody reads any more, and the server has seen that itself.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static String base(HttpServletRequest request) {
        return request.getContextPath() + request.getServletPath();
    }

    private Request asked(HttpServletRequest request) throws UnsupportedEncodingException {
        Map<String, String> headers = new HashMap<>();
        Collections.list(request.getHeaderNames())
                .forEach(name -> headers.put(name.toLowerCase(Locale.ROOT), request.getHeader(name)));
        // As the application has them, which knows of its proxies.
        String scheme = request.getScheme();
        int port = request.getServerPort();
        boolean isUsual = port == (scheme.equals("https") ? 443 : 80);
        headers.put("host", request.getServerName() + (isUsual ? "" : ":" + port));
        headers.put("x-forwarded-proto", scheme);
        if (request.getCharacterEncoding() == null) {
            request.setCharacterEncoding("UTF-8");
        }
        // By the container's parser, and not from the body: filters may have read that. What a form has comes after
        // what the URL has.
        Map<String, String> parameters = new LinkedHashMap<>();
        request.getParameterMap().forEach((name, values) -> parameters.put(name, values[values.length - 1]));
        return new Request(
                request.getMethod(),
                base(request),
                request.getPathInfo(),
                headers,
                parameters,
                request.getRemoteAddr(),
                caller(request));
    }

    private Request.Caller caller(HttpServletRequest request) {
        Principal principal = request.getUserPrincipal();
        String user = principal == null ? null : principal.getName();
        boolean isAdmitted =
                user != null && roles.stream().anyMatch(role -> role.equals("*") || request.isUserInRole(role));
        return new Request.Caller(user, isAdmitted, SPRING_SECURITY ? SpringSecurity.formFields(request) : Map.of());
    }

    /** Apart, as it need not be there. */
    private static final class SpringSecurity {
        static Map<String, String> formFields(HttpServletRequest request) {
            // To ask for the token where no form is shown would begin a session of the application for each request of
            // a program.
            boolean hasForms =
                    request.getMethod().equals("POST") || !request.getPathInfo().matches("/(api|assets)/.*|/events");
            return hasForms && request.getAttribute(CsrfToken.class.getName()) instanceof CsrfToken token
                    ? Map.of(token.getParameterName(), token.getToken())
                    : Map.of();
        }
    }

    @Override
    public void destroy() {
        streams.shutdownNow();
    }
}
