package io.sqlmq.benchmarks.peers;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads what a client sends to PostgreSQL (protocol 3.0) as it passes by: each Bind is an execution of the statement
 * that a Parse before it gave the name, each Sync a round trip.
 */
final class FrontendMessages {

    private static final int STARTUP = 0x0003_0000;
    /** Of a statement's text; tells it from others. */
    private static final int KEPT_TEXT = 400;
    /** Of a Bind: its portal's and its statement's names. */
    private static final int KEPT_NAMES = 128;

    private final Map<String, String> texts = new HashMap<>();
    private final ByteBuffer head = ByteBuffer.allocate(5).limit(4); // the first message has no type
    private final byte[] kept = new byte[64 * 1024];
    private boolean started;
    private char type;
    private int left;
    private int keep;
    private int filled;
    private boolean inTransaction;
    private boolean executed;

    /** Takes note of bytes that are sent. */
    void sent(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (left == 0) {
                head.put(bytes[at++]);
                if (!head.hasRemaining()) {
                    begin();
                }
            } else {
                int part = Math.min(left, end - at);
                int keeping = Math.min(part, keep - filled);
                if (keeping > 0) {
                    System.arraycopy(bytes, at, kept, filled, keeping);
                    filled += keeping;
                }
                at += part;
                left -= part;
                if (left == 0) {
                    complete();
                }
            }
        }
    }

    private void begin() {
        head.flip();
        type = started ? (char) head.get() : 0;
        left = head.getInt() - 4;
        head.clear();
        filled = 0;
        keep = switch (type) {
            case 'P', 'Q' -> kept.length;
            case 'B' -> KEPT_NAMES;
            case 0 -> 4;
            default -> 0;
        };
        if (left == 0) {
            complete();
        }
    }

    private void complete() {
        switch (type) {
            case 0 -> {
                started = ByteBuffer.wrap(kept).getInt() == STARTUP; // else a question about encryption
                head.limit(started ? 5 : 4);
            }
            case 'P' -> {
                String name = text(0);
                texts.put(name, shortened(text(name.length() + 1)));
            }
            case 'B' -> execute(texts.getOrDefault(text(text(0).length() + 1), "?"));
            case 'Q' -> {
                execute(shortened(text(0)));
                roundTrip();
            }
            case 'S' -> roundTrip();
            default -> {
                // says nothing about statements
            }
        }
    }

    private void execute(String statement) {
        Traffic.executed(statement);
        if (statement.startsWith("COMMIT")) {
            Traffic.committed();
        }
        boolean ends = statement.startsWith("COMMIT") || statement.equals("ROLLBACK");
        inTransaction = statement.startsWith("BEGIN") || (inTransaction && !ends);
        executed = !ends;
    }

    private void roundTrip() {
        Traffic.roundTrip();
        if (executed && !inTransaction) {
            Traffic.committed();
        }
        executed = false;
    }

    /** The text that begins there and ends with a zero, or where no more is kept. */
    private String text(int from) {
        int end = from;
        while (end < filled && kept[end] != 0) {
            end++;
        }
        return new String(kept, from, end - from, StandardCharsets.UTF_8);
    }

    private static String shortened(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        if (line.length() <= KEPT_TEXT) {
            return line;
        }
        String rest = line.substring(KEPT_TEXT);
        String tells = Stream.of("mq_claim", "SKIP LOCKED")
                .filter(rest::contains)
                .map(word -> " " + word + " …")
                .collect(Collectors.joining());
        return line.substring(0, KEPT_TEXT) + "…" + tells;
    }
}
