package io.sqlmq.benchmarks.peers;

import io.sqlmq.benchmarks.ProcessCpu;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own that does tasks, one after the other: a broker, or clients. Used by one thread. */
final class Child implements AutoCloseable {

    private static final long GOODBYE_SECONDS = 20;

    private final Process process;
    private final ObjectOutputStream tasks;
    private final ObjectInputStream answers;

    /** The answer when a task failed. */
    record Failure(String what) implements Serializable {}

    /** Asks for how long its compilers have been at work. */
    record CompileMillis() implements Task<Long> {
        @Override
        public Long run(Desk desk) {
            return ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
        }
    }

    /**
     * Starts one on this JVM's class path.
     *
     * @param log what it writes goes there
     * @param jvmOptions such as {@code -Xmx1g}
     */
    Child(Path log, List<String> jvmOptions) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ChildMain.class.getName()));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        tasks = new ObjectOutputStream(new BufferedOutputStream(process.getOutputStream()));
        tasks.flush();
        answers = new ObjectInputStream(process.getInputStream());
    }

    /**
     * Has a task done and waits for the answer.
     *
     * @throws IllegalStateException if it failed
     */
    @SuppressWarnings("unchecked") // a task's answer is of its type
    <R> R ask(Task<R> task) throws IOException {
        tasks.writeUnshared(task);
        tasks.flush();
        tasks.reset();
        try {
            Object answer = answers.readUnshared();
            if (answer instanceof Failure failure) {
                throw new IllegalStateException("In a process of the benchmark: " + failure.what());
            }
            return (R) answer;
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** CPU time so far, in nanoseconds. */
    long cpuNanos() {
        return ProcessCpu.nanos(process.pid());
    }

    @Override
    public void close() throws IOException, InterruptedException {
        tasks.close();
        if (!process.waitFor(GOODBYE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
