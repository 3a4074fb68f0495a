package io.sqlmq.console;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer, which whatever server the request came through has to send.
 *
 * @param headers to set
 * @param body null where {@code stream} writes it
 * @param stream null where there is a body; to be called once, on a thread that may be kept for hours
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Response(
        int status,
        Map<String, String> headers,
        byte @Nullable [] body,
        @Nullable Stream stream) {

    /** Writes for as long as somebody reads. */
    @FunctionalInterface
    public interface Stream {
        /** Returns when there is nothing to tell any more, and throws what {@code events} throws. */
        void to(Events events) throws IOException, InterruptedException;
    }

    /** Server-sent events. */
    @FunctionalInterface
    public interface Events {
        /**
         * Sends one at once.
         *
         * @throws IOException if nobody reads any more
         */
        void send(String text) throws IOException;
    }

    static Response html(int status, Html page) {
        return of(status, "text/html; charset=utf-8", ("<!DOCTYPE html>" + page).getBytes(StandardCharsets.UTF_8));
    }

    static Response json(int status, @Nullable Object value) {
        return of(status, "application/json", Json.write(value).getBytes(StandardCharsets.UTF_8));
    }

    static Response of(int status, String type, byte[] body) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", type);
        return new Response(status, headers, body, null);
    }

    static Response events(Stream stream) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "text/event-stream");
        headers.put("X-Accel-Buffering", "no");
        return new Response(200, headers, null, stream);
    }

    /** After a POST. */
    static Response see(String location) {
        return of(303, "text/plain", new byte[0]).with("Location", location);
    }

    Response with(String name, String value) {
        headers.put(name, value);
        return this;
    }
}
