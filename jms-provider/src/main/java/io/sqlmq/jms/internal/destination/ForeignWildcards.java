package io.sqlmq.jms.internal.destination;

import io.sqlmq.engine.model.Remembered;
import io.sqlmq.jms.SqlmqDestination;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of consumers whose destination would be a pattern with another provider and is a plain name here. */
public final class ForeignWildcards {
    private static final Logger log = LoggerFactory.getLogger(ForeignWildcards.class);

    /** Segments that stand for others in Artemis, AMQP and MQTT. */
    private static final Pattern WILDCARD = Pattern.compile("(^|[./])(#|\\+|\\*\\*)($|[./])");

    private static final Remembered<String, Boolean> TOLD = new Remembered<>();

    private ForeignWildcards() {}

    /** Says it once for each name. */
    public static void tell(SqlmqDestination destination) {
        String name = destination.getName();
        if (!destination.isLiteral()
                && !destination.isPattern()
                && WILDCARD.matcher(name).find()
                && TOLD.get(name) == null) {
            TOLD.put(name, true);
            log.warn(
                    "{} is one destination of just that name. If it is to stand for several, write * for one part between"
                            + " dots and > at the end for the rest; else say SqlmqQueue.literal or SqlmqTopic.literal",
                    destination);
        }
    }
}
