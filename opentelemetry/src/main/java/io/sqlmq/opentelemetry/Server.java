package io.sqlmq.opentelemetry;

import io.opentelemetry.api.trace.SpanBuilder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The database server, as far as it is known: of several hosts in a URL one does not know which it is.
 *
 * @param port as the URL has it, or PostgreSQL's
 */
record Server(@Nullable String address, long port) {
    static final Server UNKNOWN = new Server(null, 0);

    private static final long USUAL_PORT = 5432;
    private static final Pattern ONE_HOST =
            Pattern.compile("jdbc:postgresql://(\\[[^\\]]+\\]|[^/:,?]+)(?::(\\d{1,5}))?(?:[/?].*)?");

    static Server of(@Nullable String url) {
        Matcher matcher = ONE_HOST.matcher(url == null ? "" : url);
        return matcher.matches()
                ? new Server(
                        matcher.group(1).replaceAll("[\\[\\]]", ""),
                        matcher.group(2) == null ? USUAL_PORT : Long.parseLong(matcher.group(2)))
                : UNKNOWN;
    }

    SpanBuilder on(SpanBuilder builder) {
        return address == null
                ? builder
                : builder.setAttribute(SpanAttribute.SERVER_ADDRESS, address)
                        .setAttribute(SpanAttribute.SERVER_PORT, port);
    }
}
