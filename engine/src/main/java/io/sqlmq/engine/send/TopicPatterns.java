package io.sqlmq.engine.send;

import io.sqlmq.engine.model.NamePattern;
import io.sqlmq.engine.model.Subscription;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The subscriptions by patterns, as of one version. Which of them match is found once for each topic. Thread-safe. */
final class TopicPatterns {

    /** A subscription and the patterns that it is for. */
    private record Matcher(Subscription subscription, List<NamePattern> patterns) {
        boolean matches(String topic) {
            return patterns.stream().anyMatch(pattern -> pattern.matches(topic));
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(TopicPatterns.class);

    private final long version;
    private final List<Matcher> matchers;
    private final Map<String, List<Subscription>> found = Collections.synchronizedMap(new Topics.Recent<>());

    /** @param wrong collects the channels of subscriptions whose pattern is none, so that the log names each once */
    TopicPatterns(long version, List<Subscription> subscriptions, Set<String> wrong) {
        this.version = version;
        this.matchers = subscriptions.stream()
                .map(s -> new Matcher(s, patterns(s, wrong)))
                .toList();
    }

    /** Of what somebody has written into the table that is no pattern, nothing matches. */
    private static List<NamePattern> patterns(Subscription subscription, Set<String> wrong) {
        try {
            return NamePattern.parseAll(subscription.pattern() == null ? "" : subscription.pattern());
        } catch (IllegalArgumentException e) {
            if (wrong.add(subscription.channel())) {
                LOG.error(
                        "The subscription with the channel {} gets nothing, see mq_topic_subscribers: {}",
                        subscription.channel(),
                        e.getMessage());
            }
            return List.of();
        }
    }

    /** 0 when there are none. */
    long version() {
        return version;
    }

    List<Subscription> matching(String topic) {
        if (matchers.isEmpty()) {
            return List.of();
        }
        List<Subscription> known = found.get(topic);
        if (known == null) {
            known = matchers.stream()
                    .filter(matcher -> matcher.matches(topic))
                    .map(Matcher::subscription)
                    .toList();
            found.put(topic, known);
        }
        return known;
    }
}
