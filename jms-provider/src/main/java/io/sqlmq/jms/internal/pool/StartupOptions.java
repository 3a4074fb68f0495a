package io.sqlmq.jms.internal.pool;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Server settings that make the death of a client be noticed: locks of a killed process are free within about 1 s, those
 * of a vanished host within about 11 s. And one that lets idle connections of our own live as long as we want. They are sent
 * as the start-up parameter {@code options}.
 */
final class StartupOptions {
    private static final Map<String, String> SETTINGS = settings();

    private StartupOptions() {}

    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("tcp_keepalives_idle", "5");
        settings.put("tcp_keepalives_interval", "2");
        settings.put("tcp_keepalives_count", "3");
        settings.put("tcp_user_timeout", "10000");
        settings.put("client_connection_check_interval", "1000");
        settings.put("idle_session_timeout", "0");
        return settings;
    }

    /**
     * The parameter.
     *
     * @param fromUrl what the URL says, which stays and prevails, or null
     * @param refused message of a server that refused one of the settings, which is then left out; or empty
     */
    static String merge(@Nullable String fromUrl, String refused) {
        StringJoiner options = new StringJoiner(" ");
        SETTINGS.forEach((name, value) -> {
            if ((fromUrl == null || !fromUrl.contains(name + "=")) && !refused.contains(name)) {
                options.add("-c " + name + "=" + value);
            }
        });
        if (fromUrl != null) {
            options.add(fromUrl);
        }
        return options.toString();
    }

    /** Whether the server's message is about one of the settings. */
    static boolean concernedBy(String message) {
        return SETTINGS.keySet().stream().anyMatch(message::contains);
    }
}
