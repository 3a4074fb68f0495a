package io.sqlmq.job;

/** A job came for whose name the registry has no handler. It is given back like one that failed, so nothing is lost. */
public final class UnknownJobException extends JobException {
    private static final long serialVersionUID = 1L;

    /** For a name. */
    public UnknownJobException(String name, String channel) {
        super(
                "There is no handler for jobs of the name \"" + name
                        + "\" in the registry of a runner of the channel \"" + channel
                        + "\". Register one, or let this runner serve other channels",
                null);
    }
}
