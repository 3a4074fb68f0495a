package io.sqlmq.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Calls on other threads. */
public final class Async {

    /** Milliseconds within which what must end has ended. */
    private static final long SOON = 10_000;

    private Async() {}

    /** An action that may throw. */
    @FunctionalInterface
    public interface Action {
        /** Does it. */
        void run() throws Exception;
    }

    /** Calls on a thread of its own. */
    public static <T> CompletableFuture<T> call(Callable<T> callable) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(callable.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    /** Runs on a thread of its own. */
    public static CompletableFuture<Boolean> run(Action action) {
        return call(() -> {
            action.run();
            return true;
        });
    }

    /** The result; what the call threw is thrown here. */
    public static <T> T get(CompletableFuture<T> future) throws Exception {
        try {
            return future.get(SOON, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Whether the call is still running after some milliseconds. */
    public static boolean stillRuns(CompletableFuture<?> future, long millis) throws Exception {
        try {
            assertThat(future.get(millis, TimeUnit.MILLISECONDS)).as("result").isNull();
            return false;
        } catch (TimeoutException expected) {
            return true;
        }
    }

    /** For callbacks that must not throw checked exceptions. */
    public static <T> T unchecked(Callable<T> callable) {
        try {
            return callable.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
