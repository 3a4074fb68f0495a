package io.sqlmq.micrometer;

import io.sqlmq.engine.model.EngineListener;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What destinations are called in metrics, of which there must not be too many. Thread-safe. */
final class DestinationTags {
    static final String OTHER = "other";
    static final String TEMPORARY = "temporary";

    private final int most;
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    DestinationTags(int most) {
        this.most = most;
    }

    /** The first ones have their names. */
    String of(@Nullable String destination) {
        if (destination == null) {
            return OTHER;
        }
        if (EngineListener.isTemporary(destination)) {
            return TEMPORARY;
        }
        if (!known.contains(destination)) {
            if (known.size() >= most) { // some more, if threads come together, do no harm
                return OTHER;
            }
            known.add(destination);
        }
        return destination;
    }
}
