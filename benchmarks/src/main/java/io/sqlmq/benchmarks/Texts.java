package io.sqlmq.benchmarks;

import java.util.Random;

/** Bodies of messages. */
public final class Texts {

    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private Texts() {}

    /** Text that does not compress, so that a size is the size that is stored. */
    public static String of(int bytes) {
        Random random = new Random(bytes);
        StringBuilder text = new StringBuilder(bytes);
        for (int i = 0; i < bytes; i++) {
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return text.toString();
    }
}
