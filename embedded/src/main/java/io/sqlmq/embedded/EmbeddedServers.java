package io.sqlmq.embedded;

import io.sqlmq.jms.spi.EmbeddedDatabase;

/** Starts the servers behind {@code sqlmq:embedded} URLs; found by the provider through {@link java.util.ServiceLoader}. */
public final class EmbeddedServers implements EmbeddedDatabase {

    /** Called by the service loader. */
    public EmbeddedServers() {}

    @Override
    public boolean accepts(String url) {
        return EmbeddedUrl.accepts(url);
    }

    @Override
    public String jdbcUrl(String url) {
        EmbeddedUrl parsed = EmbeddedUrl.parse(url);
        return SqlmqEmbedded.named(parsed.name(), parsed.options()).jdbcUrl(parsed.connectionParameters());
    }

    @Override
    public void admit(String url, String user) {
        EmbeddedUrl parsed = EmbeddedUrl.parse(url);
        SqlmqEmbedded.named(parsed.name(), parsed.options()).admit(user);
    }
}
