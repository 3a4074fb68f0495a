package io.sqlmq.benchmarks.peers;

/**
 * The beginning of a message's text, by which whoever receives it knows which it is and how long it was on its way.
 *
 * @param run of which round it is
 * @param producer who sent it, from 0
 * @param number its place among those of its producer, from 0
 * @param micros when it was sent, by the machine's clock
 */
record Stamp(long run, int producer, int number, long micros) {

    private static final char END = ';';

    /** A text that begins with the stamp, filled up with {@code padding} to its length. */
    String text(String padding) {
        String stamp = run + "," + producer + "," + number + "," + micros + END;
        return stamp.length() >= padding.length() ? stamp : stamp + padding.substring(stamp.length());
    }

    /** The stamp of a text. */
    static Stamp of(String text) {
        String[] parts = text.substring(0, text.indexOf(END)).split(",", -1);
        return new Stamp(
                Long.parseLong(parts[0]),
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                Long.parseLong(parts[3]));
    }
}
