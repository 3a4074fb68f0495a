package io.sqlmq.jms.internal.errors;

/** What a role must be allowed to do for a call to succeed. */
public enum Right {
    CONNECT("the database", "GRANT CONNECT ON DATABASE … TO role"),
    SEND("the tables", granted("send")),
    RECEIVE("the tables", granted("receive")),
    /** For the end of a transaction. */
    SEND_AND_RECEIVE(
            "the tables", granted("send") + " for what was sent, " + granted("receive") + " for what was received"),
    ADMINISTER("the tables", granted("administer"));

    private static final String MISSING = "42501";

    private final String owned;
    private final String grant;

    Right(String owned, String grant) {
        this.owned = owned;
        this.grant = grant;
    }

    /**
     * How to get it, to go on with after what the database says, which names the table or function.
     *
     * @param state the SQLSTATE; the text is empty unless it says that a right is missing
     */
    public String remedy(String state) {
        return state.equals(MISSING)
                ? ". Grant the role of this connection what it lacks, as the owner of " + owned + ": " + grant
                        + "; see Roles in docs/operating.md"
                : "";
    }

    private static String granted(String what) {
        return "SELECT mq_grant('role', '" + what + "')";
    }
}
