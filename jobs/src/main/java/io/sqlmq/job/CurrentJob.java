package io.sqlmq.job;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage.Content;
import java.lang.reflect.Type;
import java.sql.Connection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The job that a handler does: what it was sent with, and how far it is. As long as the handler runs, nobody else gets it; the
 * runner keeps it alive without the handler's doing. Used by the thread of the handler, or by one thread after another.
 */
public final class CurrentJob {
    private final Attempt attempt;
    private final Delivery.Row row;

    CurrentJob(Attempt attempt, Delivery.Row row) {
        this.attempt = attempt;
        this.row = row;
    }

    /** Its identifier. */
    public JobId id() {
        return new JobId(row.id());
    }

    /** What is to be done; empty for a message that does not say. */
    public String name() {
        String type = row.headers().type();
        return type == null ? "" : type;
    }

    /** The queue where it waited. */
    public String channel() {
        return row.channel();
    }

    /** The number of this attempt, from 1. */
    public int attempt() {
        return row.deliveryCount() + 1;
    }

    // The payload

    /** The JSON payload as text, or the text of a message; null if there is none. */
    public @Nullable String rawJson() {
        Content content = row.content();
        return content.bodyType() == null ? content.text() : null;
    }

    /**
     * The JSON payload, or null if there is none.
     *
     * @throws JobException if it is not of the type
     */
    public <T> @Nullable T json(Class<T> type) {
        return type.cast(json((Type) type));
    }

    /**
     * As {@link #json(Class)}, for types with parameters.
     *
     * @throws JobException if it is not of the type
     */
    public @Nullable Object json(Type type) {
        String json = rawJson();
        return json == null ? null : registry().mapper().read(json, type);
    }

    /** The binary payload, or null if there is none. Not a copy. */
    public byte @Nullable [] bytes() {
        return row.content().bytes();
    }

    // What handlers need

    /**
     * An object that was given to the registry.
     *
     * @throws JobException if there is none of that type, or several
     */
    public <T> T context(Class<T> type) {
        T context = registry().findContext(type);
        if (context == null) {
            throw new JobException(
                    "No context object is a " + type.getName() + "; give the registry one by context(…)", null);
        }
        return context;
    }

    /** Spawns further jobs. */
    public Jobs jobs() {
        return attempt.jobs();
    }

    /** Whether the runner is being stopped: a long job may make a checkpoint and throw, and will be gone on with elsewhere. */
    public boolean isStopping() {
        return attempt.isStopping();
    }

    // How far it is

    /**
     * Completes the job: in the transaction of the application that the calling thread is in, so that both are committed or
     * neither is; else at once. A handler need not call it at its end.
     *
     * @throws LostJobException if somebody else may have got it; what was done is to be rolled back
     * @throws JobException if the database cannot be reached
     */
    public void complete() {
        attempt.complete();
    }

    /**
     * Completes the job in the transaction of a connection: exactly once, if all that the job does is in that transaction. The handler
     * commits it. If it does not, the attempt counts as failed.
     *
     * @throws LostJobException if somebody else may have got it; the transaction is to be rolled back
     * @throws JobException if the connection does not work
     */
    public void complete(Connection connection) {
        attempt.complete(connection);
    }

    /**
     * Notes how far the job has come, in the transaction of the application that the calling thread is in, else at once. Should the
     * process die or the handler throw, the next attempt gets the payload of the checkpoint.
     *
     * @throws LostJobException if somebody else may have got the job
     * @throws JobException if it cannot be written
     */
    public void checkpoint(Checkpoint checkpoint) {
        attempt.checkpoint(checkpoint);
    }

    /**
     * As {@link #checkpoint(Checkpoint)}, in the transaction of a connection, which the handler commits.
     *
     * @throws LostJobException if somebody else may have got the job
     * @throws JobException if it cannot be written
     */
    public void checkpoint(Connection connection, Checkpoint checkpoint) {
        attempt.checkpoint(connection, checkpoint);
    }

    /**
     * Makes sure that the job is still this handler's, and that nobody else gets it for so long, even if this process dies now. The
     * runner keeps jobs alive by itself; this is for what must not be begun by two, and costs a statement.
     *
     * @throws LostJobException if somebody else may have got it
     * @throws JobException if the database cannot be reached
     */
    public void keepAlive(Duration duration) {
        attempt.keepAlive(duration);
    }

    JobRegistry registry() {
        return attempt.registry();
    }

    /** Name, identifier, channel and attempt. */
    @Override
    public String toString() {
        return "Job " + name() + " " + row.id() + " of channel " + channel() + " (attempt " + attempt() + ")";
    }
}
