package io.sqlmq.tck;

import jakarta.jms.CompletionListener;
import jakarta.jms.Message;

/** A listener for sends that are refused before it could be called. */
final class CompletionRecorder implements CompletionListener {
    @Override
    public void onCompletion(Message message) {
        throw new AssertionError("a refused send was completed");
    }

    @Override
    public void onException(Message message, Exception exception) {
        throw new AssertionError("a refused send was completed", exception);
    }
}
