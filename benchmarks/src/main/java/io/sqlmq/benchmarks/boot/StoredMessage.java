package io.sqlmq.benchmarks.boot;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** What the application keeps of a message. */
@Entity
@Table(name = "stored")
public class StoredMessage {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private @Nullable Long id;

    private @Nullable String body;

    /** For JPA. */
    protected StoredMessage() {}

    StoredMessage(String body) {
        this.body = body;
    }

    /** What the message said. */
    public @Nullable String getBody() {
        return body;
    }
}
