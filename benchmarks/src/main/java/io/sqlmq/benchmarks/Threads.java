package io.sqlmq.benchmarks;

/** What the scenarios with several threads have in common. */
final class Threads {

    private Threads() {}

    /** Messages for about a second. */
    static int messages(int perCommit, int bytes, int threads) {
        if (bytes > 10_000) {
            return perCommit == 1 ? 1_600 : 2_400;
        }
        if (perCommit == 1) {
            return threads == 1 ? 3_000 : 8_000;
        }
        return 48_000;
    }

    static String what(int threads, int bytes) {
        String size = bytes < 1024 ? bytes + " B" : bytes / 1024 + " KB";
        return size + ", " + threads + (threads == 1 ? " thread" : " threads");
    }

    static String consumers(int count) {
        return count + (count == 1 ? " consumer" : " consumers");
    }

    static String listeners(int count) {
        return count + (count == 1 ? " listener" : " listeners");
    }
}
