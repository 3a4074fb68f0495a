package io.sqlmq.selector;

/** A selector's text is not what Jakarta Messaging 3.1 §3.8.1 allows. The message shows the offending place. */
public final class SelectorSyntaxException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int CONTEXT = 24;

    private final int position;

    SelectorSyntaxException(String problem, String selector, int position) {
        super("Invalid message selector: " + problem + ", at position " + position + ": "
                + excerpt(selector, position));
        this.position = position;
    }

    /** Where the problem is, as a 0-based index into the selector's text; its length when the text ends too early. */
    public int position() {
        return position;
    }

    private static String excerpt(String selector, int position) {
        int from = Math.max(0, position - CONTEXT);
        int to = Math.min(selector.length(), position + CONTEXT);
        return (from > 0 ? "..." : "")
                + selector.substring(from, position)
                + ">>>"
                + selector.substring(position, to)
                + (to < selector.length() ? "..." : "<end>");
    }
}
