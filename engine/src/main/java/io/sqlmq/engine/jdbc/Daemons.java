package io.sqlmq.engine.jdbc;

/** Threads of the provider's own. They have nothing of the thread that happened to start them. */
public final class Daemons {

    private static final ThreadGroup GROUP = top();

    private Daemons() {}

    /** Not started. The context class loader is that of the provider. */
    @SuppressWarnings("ThreadPriorityCheck") // set so that it is not inherited
    public static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(GROUP, task, name, 0, false);
        thread.setDaemon(true);
        thread.setPriority(Thread.NORM_PRIORITY);
        thread.setContextClassLoader(Daemons.class.getClassLoader());
        return thread;
    }

    private static ThreadGroup top() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }
}
