package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.Engine;
import io.sqlmq.jms.SqlmqDestination;
import io.sqlmq.jms.internal.destination.TemporaryDestinations;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.errors.Right;
import io.sqlmq.jms.internal.settings.ConnectionSettings;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;

/** Refuses destinations that are none. Thread-safe. */
final class DestinationChecks {
    private final Engine engine;
    private final ConnectionSettings settings;
    private final boolean autoCreate;
    private final TemporaryDestinations temporary;

    DestinationChecks(Engine engine, ConnectionSettings settings, TemporaryDestinations temporary) {
        this.engine = engine;
        this.settings = settings;
        this.autoCreate = settings.options().isAutoCreate();
        this.temporary = temporary;
    }

    /** Refuses to send to what is no destination, or is not there any more. */
    void checkMaySend(SqlmqDestination to) throws JMSException {
        for (SqlmqDestination part : to.getCompositeDestinations()) {
            checkExists(part.getName());
        }
        checkKnown(to);
    }

    /** Refuses a producer for what is no destination. */
    void checkKnown(SqlmqDestination to) throws JMSException {
        for (SqlmqDestination part : to.getCompositeDestinations()) {
            if (part.isPattern()) {
                throw new InvalidDestinationException(
                        part + " stands for all destinations that match. Messages are sent to one, or to several whose"
                                + " names are separated by commas. For a name with * or > use SqlmqQueue.literal,"
                                + " SqlmqTopic.literal, or the option destinationNames=literal.",
                        "DESTINATION_PATTERN");
            }
            checkDeclared(part, Right.SEND);
        }
    }

    /**
     * Refuses a destination that would have to be declared and is not.
     *
     * @param right what is to be done with it
     */
    void checkDeclared(SqlmqDestination destination, Right right) throws JMSException {
        String name = destination.getName();
        boolean queue = destination.isQueue();
        if (autoCreate
                || TemporaryDestinations.isTemporary(name)
                || (queue && settings.failureRules(name).isDeadLetterQueue())) {
            return;
        }
        if (!ExceptionTranslation.call(
                right, "Looking for " + destination, () -> engine.destinations().isDeclared(name, queue))) {
            throw new InvalidDestinationException(
                    "There is no " + destination + ", and autoCreate=false. Declare it by SqlmqAdmin."
                            + (queue ? "declareQueue" : "declareTopic") + ", or correct the name.",
                    "UNKNOWN_DESTINATION");
        }
    }

    /** Refuses to use a temporary destination that was deleted. */
    void checkExists(String name) throws InvalidDestinationException {
        if (temporary.isDeleted(name)) {
            throw new InvalidDestinationException(
                    "The temporary destination " + name + " was deleted.", "TEMPORARY_DESTINATION");
        }
    }
}
