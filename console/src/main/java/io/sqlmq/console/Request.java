package io.sqlmq.console;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a browser or program asks for, whatever server it came through.
 *
 * @param base the path that the console is below, without a slash at its end
 * @param path below that, with a slash before it
 * @param headers by lower-case names
 * @param parameters of the query of a GET, of the form of a POST
 * @param from the address of who asks, for the audit
 * @param caller what the application around the console knows of them
 */
public record Request(
        String method,
        String base,
        String path,
        Map<String, String> headers,
        Map<String, String> parameters,
        String from,
        Caller caller) {

    /**
     * Who asks, as the application around the console has it.
     *
     * @param user their name there, for the audit; null if it is not known
     * @param isAdmitted whether that is enough: they need not log into the console, and are the role of its factory
     * @param formFields what the application wants to find in each form, such as its own token against forged requests
     */
    public record Caller(@Nullable String user, boolean isAdmitted, Map<String, String> formFields) {
        /** There is no application around the console, or it knows nothing. */
        public static final Caller UNKNOWN = new Caller(null, false, Map.of());

        /**
         * As the application has it.
         *
         * @throws IllegalArgumentException if nobody is admitted
         */
        public Caller {
            if (isAdmitted && user == null) {
                throw new IllegalArgumentException("Who is admitted has a name.");
            }
            formFields = Map.copyOf(formFields);
        }
    }

    boolean isPost() {
        return method.equals("POST");
    }

    /** Whether JSON is wanted. */
    boolean isApi() {
        return path.startsWith("/api/");
    }

    @Nullable
    String header(String name) {
        return headers.get(name.toLowerCase(Locale.ROOT));
    }

    /** Null where it is missing or blank. */
    @Nullable
    String parameter(String name) {
        String value = parameters.get(name);
        return value == null || value.isBlank() ? null : value;
    }

    /** A parameter that has to be there. */
    String needed(String name) {
        String value = parameter(name);
        if (value == null) {
            throw Refused.badRequest("The parameter " + name + " is missing.");
        }
        return value;
    }

    @Nullable
    String cookie(String name) {
        String cookies = header("cookie");
        if (cookies != null) {
            for (String cookie : cookies.split(";", -1)) {
                String[] pair = cookie.strip().split("=", 2);
                if (pair.length == 2 && pair[0].equals(name)) {
                    return pair[1];
                }
            }
        }
        return null;
    }

    /** The parameters of {@code a=b&c=d}. */
    static Map<String, String> parameters(@Nullable String text) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (text != null && !text.isEmpty()) {
            for (String pair : text.split("&", -1)) {
                String[] parts = pair.split("=", 2);
                parameters.put(decode(parts[0]), parts.length == 2 ? decode(parts[1]) : "");
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Refused.badRequest("A parameter is not percent-encoded.");
        }
    }
}
