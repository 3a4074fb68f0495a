package io.sqlmq.engine;

import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The subscriptions by patterns, as of one version. Which of them match is found once for each topic. Thread-safe. */
final class TopicPatterns {

    /** A subscription and the patterns that it is for. */
    private record Matcher(Subscription subscription, List<NamePattern> patterns) {
        boolean matches(String topic) {
            return patterns.stream().anyMatch(pattern -> pattern.matches(topic));
        }
    }

    private final long version;
    private final List<Matcher> matchers;
    private final Map<String, List<Subscription>> found = Collections.synchronizedMap(new Topics.Recent<>());

    TopicPatterns(long version, List<Subscription> subscriptions) {
        this.version = version;
        this.matchers = subscriptions.stream()
                .map(s -> new Matcher(s, NamePattern.parseAll(s.pattern() == null ? "" : s.pattern())))
                .toList();
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
