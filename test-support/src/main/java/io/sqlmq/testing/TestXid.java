package io.sqlmq.testing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import javax.transaction.xa.Xid;

/** The identifier of a branch of the test's own. */
public record TestXid(int formatId, String transaction, String qualifier) implements Xid {

    private static final int FORMAT = 0x5158;

    /** A branch of a new global transaction. */
    public static TestXid next() {
        return new TestXid(FORMAT, UUID.randomUUID().toString(), "branch");
    }

    /** Another branch of the same global transaction. */
    public TestXid sibling(String other) {
        return new TestXid(formatId, transaction, other);
    }

    /** Whether both identify the same branch. */
    public boolean is(Xid other) {
        return formatId == other.getFormatId()
                && Arrays.equals(getGlobalTransactionId(), other.getGlobalTransactionId())
                && Arrays.equals(getBranchQualifier(), other.getBranchQualifier());
    }

    @Override
    public int getFormatId() {
        return formatId;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return transaction.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public byte[] getBranchQualifier() {
        return qualifier.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(getGlobalTransactionId());
    }
}
