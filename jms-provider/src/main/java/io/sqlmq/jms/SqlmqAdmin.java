package io.sqlmq.jms;

import io.sqlmq.engine.MessagePages;
import io.sqlmq.engine.QueueInspection;
import io.sqlmq.engine.StoredRow;
import io.sqlmq.engine.model.Selection;
import io.sqlmq.jms.internal.factory.AdminCalls;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an operator does with queues: look, count, purge, move, copy, retry dead letters. Messages that a consumer is
 * working on are left alone. Each call is a transaction of its own, unless it says that it works in batches: an interruption of the thread
 * ends it between two of them, and the text of the exception says how many messages it was done to, as after a failure. Thread-safe.
 */
public final class SqlmqAdmin {

    /** Where the database side comes from: connects when first needed. */
    @FunctionalInterface
    interface Source {
        AdminCalls get() throws JMSException;
    }

    private final Source source;

    SqlmqAdmin(Source source) {
        this.source = source;
    }

    /**
     * The first messages of a queue in delivery order, as browsers see them: what waits for its delivery time is left
     * out, what backs off after a failed delivery is not.
     *
     * @param limit how many at most
     */
    public List<Message> browse(String queue, int limit) throws JMSException {
        AdminCalls.checkDestination(queue);
        return source.get().browse(queue, limit);
    }

    /** The queues that hold messages, and how many, by name. Counts each message, which takes a while where there are many. */
    public List<QueueDepth> queues() throws JMSException {
        return source.get().look("Counting messages", QueueInspection::depths).stream()
                .map(QueueDepth::of)
                .toList();
    }

    /**
     * How large queues are, for those who ask again and again: the work is bounded. Temporary queues and subscriptions are left out.
     *
     * @param queues how many at most, by name
     * @param limit how far to count in each
     */
    public List<QueueSize> sizes(int queues, long limit) throws JMSException {
        return source.get().look("Counting messages", inspection -> inspection.sizes(queues, limit)).stream()
                .map(QueueSize::of)
                .toList();
    }

    /**
     * What is in dead-letter queues, the latest first.
     *
     * @param deadLetterQueue null for all of them
     * @param limit how many at most
     */
    public List<DeadLetter> deadLetters(@Nullable String deadLetterQueue, int limit) throws JMSException {
        AdminCalls.checkNameIfAny(deadLetterQueue);
        return source
                .get()
                .look("Listing dead letters", inspection -> inspection.deadLetters(deadLetterQueue, limit))
                .stream()
                .map(DeadLetter::of)
                .toList();
    }

    /** How many messages a queue holds, whatever their state. */
    public long count(String queue) throws JMSException {
        AdminCalls.checkName(queue);
        return source.get().look("Counting " + queue, inspection -> inspection.count(queue));
    }

    /**
     * Deletes the messages of a queue; returns how many. They go in batches, a transaction for each: what was deleted before a failure
     * stays so.
     */
    public long purge(String queue) throws JMSException {
        AdminCalls.checkName(queue);
        return source.get().call("Purging " + queue, admin -> admin.purge(queue));
    }

    /**
     * Deletes one message.
     *
     * @param messageId its JMSMessageID
     * @return false if it is not there, or a consumer is working on it
     */
    public boolean remove(String queue, String messageId) throws JMSException {
        AdminCalls.checkName(queue);
        UUID id = AdminCalls.rowId(messageId);
        return source.get().call("Removing " + messageId, admin -> admin.remove(queue, id));
    }

    /**
     * Declares a queue: with the option {@code autoCreate=false} others do not exist.
     *
     * @return false if it is declared already
     * @throws jakarta.jms.InvalidDestinationException if the name is not possible
     */
    public boolean declareQueue(String name) throws JMSException {
        AdminCalls.checkDestination(name);
        return source.get()
                .call("Declaring " + name, admin -> admin.destinations().declare(name, true));
    }

    /**
     * Declares a topic, as {@link #declareQueue} does a queue.
     *
     * @return false if it is declared already
     * @throws jakarta.jms.InvalidDestinationException if the name is not possible
     */
    public boolean declareTopic(String name) throws JMSException {
        AdminCalls.checkDestination(name);
        return source.get()
                .call("Declaring " + name, admin -> admin.destinations().declare(name, false));
    }

    /**
     * Takes the declaration of a queue back, deletes its messages, and, if it is one of a virtual topic, ends its part in what
     * is published there. Other processes may use it for 10 s more; with {@code autoCreate=true} it is there again as soon
     * as somebody uses it. These are several
     * transactions, in this order; after a failure the call can be repeated.
     *
     * @return how many messages were deleted
     */
    public long deleteQueue(String name) throws JMSException {
        AdminCalls.checkDestination(name);
        return source.get().call("Deleting " + name, admin -> {
            admin.destinations().undeclare(name, true);
            admin.destinations().unbind(name);
            return admin.purge(name);
        });
    }

    /**
     * Takes the declaration of a topic back. Its subscriptions stay; other processes may use it for 10 s more.
     *
     * @return false if it is not declared
     */
    public boolean deleteTopic(String name) throws JMSException {
        AdminCalls.checkDestination(name);
        return source.get()
                .call("Deleting " + name, admin -> admin.destinations().undeclare(name, false));
    }

    /** The names of the declared queues. */
    public List<String> declaredQueues() throws JMSException {
        return source.get().call("Listing queues", admin -> admin.destinations().declared(true));
    }

    /** The names of the declared topics. */
    public List<String> declaredTopics() throws JMSException {
        return source.get().call("Listing topics", admin -> admin.destinations().declared(false));
    }

    /**
     * Moves the messages of a queue to the end of another, where delays go on and what backed off is ready at once; returns how many.
     * They are moved in batches, a transaction for each: what was moved before a failure stays there, the rest where it was.
     */
    public long move(String from, String to) throws JMSException {
        AdminCalls.checkTarget(from, to);
        return source.get().call("Moving " + from, admin -> admin.move(from, to));
    }

    /**
     * Copies what {@link #browse} would show of a queue, as new messages, to the end of another; returns how many. They are
     * copied in batches, a transaction for each: what was copied before a failure stays.
     */
    public long copy(String from, String to) throws JMSException {
        AdminCalls.checkTarget(from, to);
        return source.get().call("Copying " + from, admin -> admin.copy(from, to, null));
    }

    /**
     * As {@link #move(String, String)}, of one message.
     *
     * @param messageId its JMSMessageID
     * @return false if it is not there, or a consumer is working on it
     */
    public boolean move(String from, String to, String messageId) throws JMSException {
        AdminCalls.checkTarget(from, to);
        UUID id = AdminCalls.rowId(messageId);
        return source.get().call("Moving " + messageId, admin -> admin.move(from, to, id));
    }

    /**
     * As {@link #move(String, String)}, of those messages that a selector selects.
     *
     * @param selector a message selector (§3.8); null or blank for all
     * @throws jakarta.jms.InvalidSelectorException if it is none
     */
    public long moveMatching(String from, String to, @Nullable String selector) throws JMSException {
        AdminCalls.checkTarget(from, to);
        AdminCalls calls = source.get();
        MessagePages.Filter filter = calls.filter(selector, null);
        return calls.call("Moving " + from, admin -> admin.move(from, to, filter));
    }

    /**
     * As {@link #copy}, of those messages that a selector selects.
     *
     * @param selector a message selector (§3.8); null or blank for all
     * @throws jakarta.jms.InvalidSelectorException if it is none
     */
    public long copyMatching(String from, String to, @Nullable String selector) throws JMSException {
        AdminCalls.checkTarget(from, to);
        AdminCalls calls = source.get();
        Selection selection = calls.selection(selector);
        return calls.call("Copying " + from, admin -> admin.copy(from, to, selection));
    }

    /**
     * Deletes those messages of a queue that a selector selects, delayed ones too, but not those that a consumer is working on; returns
     * how many. They go in batches, a transaction for each.
     *
     * @param selector a message selector (§3.8); null or blank for all
     * @throws jakarta.jms.InvalidSelectorException if it is none
     */
    public long removeMatching(String queue, @Nullable String selector) throws JMSException {
        AdminCalls.checkName(queue);
        AdminCalls calls = source.get();
        MessagePages.Filter filter = calls.filter(selector, null);
        return calls.call("Removing messages of " + queue, admin -> admin.remove(queue, filter));
    }

    /**
     * As {@link #retry(String)}, of those dead letters that a selector selects, such as {@code JMS_SQLMQ_DeadLetterOrigin = 'orders'}.
     *
     * @param selector a message selector (§3.8); null or blank for all
     * @throws jakarta.jms.InvalidSelectorException if it is none
     */
    public long retryMatching(String deadLetterQueue, @Nullable String selector) throws JMSException {
        AdminCalls.checkName(deadLetterQueue);
        AdminCalls calls = source.get();
        MessagePages.Filter filter = calls.filter(selector, null);
        return calls.call("Retrying " + deadLetterQueue, admin -> admin.retryMatching(deadLetterQueue, filter));
    }

    /**
     * A page of a queue, as it is stored: unlike {@link #browse} whatever the state of the messages is. A page takes as long with a million
     * messages as with ten; where one searches, at most 5,000 messages are looked at for each. Needs no more than {@code
     * mq_grant(role, 'watch headers')}, or, to search in bodies, {@code 'watch bodies'}.
     *
     * @throws jakarta.jms.InvalidSelectorException if the query has a selector that is none
     * @throws IllegalArgumentException if the query begins where no page ends
     */
    public MessagePage messages(MessageQuery query) throws JMSException {
        AdminCalls.checkName(query.queue());
        AdminCalls calls = source.get();
        MessagePages.Filter filter = calls.filter(query.selector(), query.text());
        return MessagePage.of(calls.look(
                "Looking at " + query.queue(),
                inspection -> inspection
                        .pages()
                        .page(
                                query.queue(),
                                MessagePages.Part.valueOf(query.part().name()),
                                filter,
                                query.after(),
                                query.limit())));
    }

    /**
     * A message as it is stored, without its body.
     *
     * @param id {@link StoredMessage#id}, or a JMSMessageID
     * @return null if it is not there
     */
    public @Nullable StoredMessage message(String id) throws JMSException {
        UUID row = AdminCalls.rowId(id);
        StoredRow found = source.get()
                .look("Looking at " + id, inspection -> inspection.pages().find(row));
        return found == null ? null : StoredMessage.of(found);
    }

    /**
     * The body of a message as it is stored.
     *
     * @param id {@link StoredMessage#id}, or a JMSMessageID
     * @param most how many characters or bytes of it are wanted
     * @return null if it is not there
     */
    public @Nullable StoredBody body(String id, int most) throws JMSException {
        UUID row = AdminCalls.rowId(id);
        StoredRow.Body found = source.get()
                .look("Reading " + id, inspection -> inspection.pages().body(row, most));
        return found == null ? null : new StoredBody(found.text(), found.bytes(), found.length());
    }

    /**
     * Puts the dead letters of a dead-letter queue back to the queues that they came from; returns how many. They are put back
     * in batches, a transaction for each: what was put back before a failure stays there, the rest where it was.
     */
    public long retry(String deadLetterQueue) throws JMSException {
        return retry(deadLetterQueue, null);
    }

    /**
     * As {@link #retry(String)}, for one dead letter.
     *
     * @param messageId its JMSMessageID, or null for all
     */
    public long retry(String deadLetterQueue, @Nullable String messageId) throws JMSException {
        AdminCalls.checkName(deadLetterQueue);
        UUID id = messageId == null ? null : AdminCalls.rowId(messageId);
        return source.get().call("Retrying " + deadLetterQueue, admin -> admin.retry(deadLetterQueue, id));
    }

    /**
     * The deliveries of a message that failed, the oldest first: at most the last 20, kept as long as the message or its dead letter is there,
     * and for a day after that.
     *
     * @param messageId its JMSMessageID
     */
    public List<FailedAttempt> attempts(String messageId) throws JMSException {
        UUID id = AdminCalls.rowId(messageId);
        return source.get().look("Listing the attempts of " + messageId, inspection -> inspection.attempts(id)).stream()
                .map(a -> new FailedAttempt(a.number(), a.channel(), a.failedAt(), a.duration(), a.error()))
                .toList();
    }

    /**
     * Messages that are set aside: they can be neither delivered nor parked in a dead-letter queue, and stay in their queue,
     * out of the way of the others, until they are retried or removed.
     *
     * @param queue null for all queues
     * @param limit how many at most
     */
    public List<SetAsideMessage> setAside(@Nullable String queue, int limit) throws JMSException {
        AdminCalls.checkNameIfAny(queue);
        return source.get().look("Listing what is set aside", inspection -> inspection.setAside(queue, limit)).stream()
                .map(SetAsideMessage::of)
                .toList();
    }

    /**
     * How many messages are set aside.
     *
     * @param queue null for all queues
     */
    public long countSetAside(@Nullable String queue) throws JMSException {
        AdminCalls.checkNameIfAny(queue);
        return source.get().look("Counting what is set aside", inspection -> inspection.countSetAside(queue));
    }

    /** Makes the messages that are set aside in a queue ready again, at its end; returns how many. */
    public long retrySetAside(String queue) throws JMSException {
        return retrySetAside(queue, null);
    }

    /**
     * As {@link #retrySetAside(String)}, for one message.
     *
     * @param messageId {@link SetAsideMessage#messageId}, or null for all
     */
    public long retrySetAside(String queue, @Nullable String messageId) throws JMSException {
        AdminCalls.checkName(queue);
        UUID id = messageId == null ? null : AdminCalls.rowId(messageId);
        return source.get().call("Retrying what is set aside in " + queue, admin -> admin.retrySetAside(queue, id));
    }

    /**
     * Deletes the messages that are set aside in a queue; returns how many. {@link #remove} deletes one. The persistent ones and
     * the others go in a transaction each, so that a failed call may have deleted one kind.
     */
    public long removeSetAside(String queue) throws JMSException {
        AdminCalls.checkName(queue);
        return source.get().call("Removing what is set aside in " + queue, admin -> admin.removeSetAside(queue));
    }

    /**
     * Deletes one message that waits, as {@link #remove}, and tells what has become of it.
     *
     * @param messageId its JMSMessageID
     */
    public ChangeResult cancel(String queue, String messageId) throws JMSException {
        AdminCalls.checkName(queue);
        UUID id = AdminCalls.rowId(messageId);
        return ChangeResult.of(source.get().call("Cancelling " + messageId, admin -> admin.cancel(null, id, queue)));
    }

    /**
     * Changes when a message that waits is delivered, whether it is ready, delayed, or backs off after a failed delivery.
     *
     * @param messageId its JMSMessageID
     * @param at when it may be delivered, its JMSDeliveryTime from then on unless it has been delivered before; at once if that is past
     */
    public ChangeResult reschedule(String queue, String messageId, Instant at) throws JMSException {
        AdminCalls.checkName(queue);
        UUID id = AdminCalls.rowId(messageId);
        return ChangeResult.of(
                source.get().call("Rescheduling " + messageId, admin -> admin.reschedule(null, id, at, queue)));
    }

    /**
     * Changes the priority of a message that waits. If it is ready it goes behind all others of that priority.
     *
     * @param messageId its JMSMessageID
     * @param priority 0 to 9, the highest
     */
    public ChangeResult reprioritize(String queue, String messageId, int priority) throws JMSException {
        AdminCalls.checkName(queue);
        UUID id = AdminCalls.rowId(messageId);
        return ChangeResult.of(source.get()
                .call("Changing the priority of " + messageId, admin -> admin.reprioritize(null, id, priority, queue)));
    }

    /**
     * Stops deliveries from a queue: consumers, jobs and {@code mq_poll} get none of its messages in any process, within a second, until
     * it is {@linkplain #resume resumed}, also after restarts. What is being worked on goes on, messages can be sent, and browsers show
     * them. Time to live runs on.
     *
     * @param queue its name; or that of the queue behind a subscription, see the view {@code mq_topic_subscribers}
     * @return false if it was paused already
     */
    public boolean pause(String queue) throws JMSException {
        return pause(queue, null);
    }

    /**
     * As {@link #pause(String)}.
     *
     * @param reason shown to those who ask why a message is not delivered; null leaves that of an earlier call
     */
    public boolean pause(String queue, @Nullable String reason) throws JMSException {
        AdminCalls.checkName(queue);
        return source.get().call("Pausing " + queue, admin -> admin.pause(queue, reason));
    }

    /** Lets the deliveries of a queue go on; returns false if it was not paused. */
    public boolean resume(String queue) throws JMSException {
        AdminCalls.checkName(queue);
        return source.get().call("Resuming " + queue, admin -> admin.resume(queue));
    }

    /**
     * Limits what is delivered from a queue to consumers, jobs and {@code mq_poll}, over all processes, within a second and until it is
     * {@linkplain #unlimit ended}, also after restarts. Takes the place of the queue's limit before it. A message counts as running from
     * when it is claimed until that is committed: in transactions, and with CLIENT_ACKNOWLEDGE, each message until their end. That of a
     * process that dies counts until its lease ends. What is being worked on in transactions when the limit is set does not count.
     *
     * @param queue its name; or that of the queue behind a subscription, see the view {@code mq_topic_subscribers}
     */
    public void limit(String queue, QueueLimit limit) throws JMSException {
        AdminCalls.checkName(queue);
        source.get().call("Limiting " + queue, admin -> {
            admin.limit(new QueueInspection.Limited(queue, limit.running(), limit.starts(), limit.period()));
            return true;
        });
    }

    /** Ends the limits of a queue; returns false if it had none. */
    public boolean unlimit(String queue) throws JMSException {
        AdminCalls.checkName(queue);
        return source.get().call("Ending the limits of " + queue, admin -> admin.unlimit(queue));
    }

    /** The limits of queues, by name. */
    public SortedMap<String, QueueLimit> limits() throws JMSException {
        SortedMap<String, QueueLimit> limits = new TreeMap<>();
        source.get()
                .look("Listing the limits of queues", QueueInspection::limited)
                .forEach(limited -> limits.put(limited.channel(), QueueLimit.of(limited)));
        return limits;
    }

    /** The queues that are paused, by name. */
    public List<PausedQueue> pausedQueues() throws JMSException {
        return source.get().look("Listing paused queues", QueueInspection::paused).stream()
                .map(PausedQueue::of)
                .toList();
    }

    /**
     * Messages that are delivered again and again ({@code AMQ_SCHEDULED_PERIOD}, {@code _REPEAT}, {@code _CRON}), by
     * when they are due.
     */
    public List<ScheduledMessage> schedules() throws JMSException {
        return source.get().look("Listing schedules", QueueInspection::schedules).stream()
                .map(ScheduledMessage::of)
                .toList();
    }

    /**
     * Ends the deliveries of a scheduled message. What was delivered already stays in its queue.
     *
     * @param messageId the JMSMessageID of the message that was sent: {@code scheduledJobId} of those delivered
     * @return false if there is no such schedule (any more)
     */
    public boolean removeSchedule(String messageId) throws JMSException {
        UUID id = AdminCalls.rowId(messageId);
        return source.get().call("Removing the schedule " + messageId, admin -> admin.removeSchedule(id));
    }
}
