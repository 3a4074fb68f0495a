package io.sqlmq.benchmarks.peers;

import java.io.EOFException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintStream;

/** The program of a {@link Child}: runs tasks from standard input until it ends, as it does when the parent ends. */
final class ChildMain {

    private ChildMain() {}

    /** Takes no arguments. */
    public static void main(String... args) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err); // nobody else may write between the answers
        try (Desk desk = new Desk();
                ObjectOutputStream out = new ObjectOutputStream(answers);
                ObjectInputStream in = new ObjectInputStream(System.in)) {
            out.flush();
            while (true) {
                out.writeUnshared(answer((Task<?>) in.readUnshared(), desk));
                out.flush();
                out.reset();
            }
        } catch (EOFException e) {
            System.exit(0); // whatever threads a broker or a client may have left
        }
    }

    private static Object answer(Task<?> task, Desk desk) {
        try {
            Object result = task.run(desk);
            return result == null ? "" : result;
        } catch (Exception e) {
            e.printStackTrace();
            return new Child.Failure(e.toString());
        }
    }
}
