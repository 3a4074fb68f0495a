package io.sqlmq.engine.send;

import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.Publication;
import io.sqlmq.engine.model.Schedule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to write messages to queues, topics and schedules. What is published goes to the subscriptions that this
 * process knows; where the database finds that they have changed it writes nothing, and the message has to be written
 * again. Duplicates are dropped. The order of messages within a queue or topic is kept. Used by one thread, for one pipeline that is run.
 */
public final class Writing {

    private static final long STATEMENT_BYTES = 4 << 20;
    private static final int STATEMENT_ROWS = 1_000;

    private final MessageWriter writer;
    private final List<NewMessage> toQueues;
    private final List<FanOut> published;
    private final List<NewMessage> scheduled;
    private final List<NewMessage> identified;
    private final Set<UUID> duplicates = new HashSet<>();
    private final List<Attempt> attempts = new ArrayList<>();
    private boolean relaxed;

    /** What one statement publishes, and the topics for which it did. */
    private record Attempt(List<FanOut> copies, Set<String> current) {}

    Writing(MessageWriter writer, List<NewMessage> messages) {
        this.writer = writer;
        if (messages.stream().noneMatch(NewMessage::isSpecial)) {
            toQueues = messages;
            published = List.of();
            scheduled = List.of();
            identified = List.of();
            return;
        }
        toQueues = new ArrayList<>();
        published = new ArrayList<>();
        scheduled = messages.stream().filter(m -> m.schedule() != null).toList();
        identified = messages.stream().filter(m -> m.deduplication() != null).toList();
        for (NewMessage message : messages) {
            Publication publication = message.publication();
            if (message.schedule() != null) {
                continue;
            }
            if (publication == null) {
                toQueues.add(message);
            } else {
                published.add(FanOut.of(message, publication, writer.topics().of(publication.topic())));
            }
        }
    }

    /** Whether it writes only to unlogged tables. */
    boolean isUnlogged() {
        return scheduled.isEmpty()
                && (!toQueues.isEmpty() || published.stream().anyMatch(c -> c.count() > 0))
                && toQueues.stream().noneMatch(NewMessage::persistent)
                && published.stream().allMatch(c -> c.logged().isEmpty());
    }

    /** Whether it has INSERTs into the tables of messages only. */
    boolean isPlain() {
        return published.isEmpty() && scheduled.isEmpty() && identified.isEmpty();
    }

    /** The statements that are added are to see that the commit does not wait for the disk, with or without BEGIN. */
    void relax() {
        relaxed = true;
    }

    /** Adds the statements; returns how many. */
    public int add(Pipeline pipeline, @Nullable Set<String> writers) {
        int before = pipeline.size();
        if (!identified.isEmpty()) {
            writer.deduplicating().addReserve(pipeline, identified);
        }
        writer.inserts().add(pipeline, toQueues, writers, relaxed);
        for (NewMessage message : scheduled) {
            Schedule schedule = message.schedule();
            if (schedule != null) {
                writer.schedules().addInsert(pipeline, message, schedule);
            }
        }
        addPublish(pipeline, writers);
        if (!identified.isEmpty()) {
            duplicates.clear();
            writer.deduplicating().addDrop(pipeline, identified, identifiedRows(), duplicates);
        }
        return pipeline.size() - before;
    }

    private void addPublish(Pipeline pipeline, @Nullable Set<String> writers) {
        attempts.clear();
        List<FanOut> chunk = new ArrayList<>();
        long bytes = 0;
        int rows = 0;
        for (FanOut copies : published) {
            if (!chunk.isEmpty()
                    && (bytes + copies.size() > STATEMENT_BYTES || rows + copies.count() > STATEMENT_ROWS)) {
                publish(pipeline, chunk, writers);
                chunk = new ArrayList<>();
                bytes = 0;
                rows = 0;
            }
            chunk.add(copies);
            bytes += copies.size();
            rows += copies.count();
        }
        if (!chunk.isEmpty()) {
            publish(pipeline, chunk, writers);
        }
    }

    private List<Deduplicating.Row> identifiedRows() {
        List<Deduplicating.Row> rows = new ArrayList<>();
        toQueues.stream().filter(m -> m.deduplication() != null).forEach(m -> rows.add(new Deduplicating.Row(m, m)));
        for (FanOut copies : published) {
            if (copies.message().deduplication() != null) {
                copies.logged().forEach(row -> rows.add(new Deduplicating.Row(row, copies.message())));
                copies.unlogged().forEach(row -> rows.add(new Deduplicating.Row(row, copies.message())));
            }
        }
        return rows;
    }

    /** Whether messages have identifiers, so that writing them may wait for other transactions. */
    boolean hasIdentifiers() {
        return !identified.isEmpty();
    }

    private void publish(Pipeline pipeline, List<FanOut> chunk, @Nullable Set<String> writers) {
        Attempt attempt = new Attempt(chunk, new HashSet<>());
        attempts.add(attempt);
        writer.publishing().add(pipeline, chunk, attempt.current(), writers, relaxed);
    }

    /** The rows that were written, and the schedules. */
    public List<NewMessage> written() {
        if (published.isEmpty() && scheduled.isEmpty() && duplicates.isEmpty()) {
            return toQueues;
        }
        List<NewMessage> written = new ArrayList<>(toQueues);
        written.addAll(scheduled);
        written.removeIf(m -> duplicates.contains(m.id()));
        for (Attempt attempt : attempts) {
            for (FanOut copies : attempt.copies()) {
                if (attempt.current().contains(PublishStatements.topic(copies)) && !isDuplicate(copies)) {
                    written.addAll(copies.logged());
                    written.addAll(copies.unlogged());
                }
            }
        }
        return written;
    }

    private boolean isDuplicate(FanOut copies) {
        return duplicates.contains(copies.message().id());
    }

    /** All rows that may have been written, when the connection broke before it could say. */
    List<NewMessage> perhapsWritten() {
        List<NewMessage> all = new ArrayList<>(toQueues);
        all.addAll(scheduled);
        for (FanOut copies : published) {
            all.addAll(copies.logged());
            all.addAll(copies.unlogged());
        }
        return all;
    }

    /** The messages that were not written because subscriptions have changed; {@link Topics#look} before the next attempt. */
    public List<NewMessage> unwritten() {
        List<NewMessage> unwritten = new ArrayList<>();
        for (Attempt attempt : attempts) {
            for (FanOut copies : attempt.copies()) {
                if (!attempt.current().contains(PublishStatements.topic(copies)) && !isDuplicate(copies)) {
                    unwritten.add(copies.message());
                }
            }
        }
        return unwritten;
    }
}
