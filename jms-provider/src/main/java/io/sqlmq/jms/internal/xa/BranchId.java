package io.sqlmq.jms.internal.xa;

import java.util.Base64;
import java.util.HexFormat;
import javax.transaction.xa.XAException;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * The identifier of a transaction branch, compared by value.
 *
 * @param formatId who made it
 * @param transaction the global transaction, in Base64
 * @param qualifier the branch of it, in Base64
 */
record BranchId(int formatId, String transaction, String qualifier) implements Xid {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getUrlDecoder();
    private static final String SEPARATOR = ".";

    /**
     * The identifier that a transaction manager gave.
     *
     * @throws XAException XAER_INVAL when it is none
     */
    static BranchId of(@Nullable Xid xid) throws XAException {
        if (xid instanceof BranchId own) {
            return own;
        }
        if (xid == null) {
            throw XaErrors.of(XAException.XAER_INVAL, "The Xid is null.");
        }
        byte[] transaction = xid.getGlobalTransactionId();
        byte[] qualifier = xid.getBranchQualifier();
        if (xid.getFormatId() == -1
                || transaction == null
                || transaction.length == 0
                || transaction.length > MAXGTRIDSIZE
                || qualifier == null
                || qualifier.length > MAXBQUALSIZE) {
            throw XaErrors.of(
                    XAException.XAER_INVAL,
                    "The Xid has no format, or its parts have not the length that they may have: " + xid);
        }
        return new BranchId(xid.getFormatId(), ENCODER.encodeToString(transaction), ENCODER.encodeToString(qualifier));
    }

    /** The identifier that {@link #text} wrote, or null. */
    static @Nullable BranchId parse(String text) {
        String[] parts = text.split("\\.", -1);
        try {
            BranchId id =
                    parts.length == 3 ? new BranchId(HexFormat.fromHexDigits(parts[0]), parts[1], parts[2]) : null;
            return id != null && id.isDecodable() ? id : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private boolean isDecodable() {
        return getGlobalTransactionId().length > 0 && getBranchQualifier().length <= MAXBQUALSIZE;
    }

    /** It as text; at most 182 characters. */
    String text() {
        return Integer.toHexString(formatId) + SEPARATOR + transaction + SEPARATOR + qualifier;
    }

    @Override
    public int getFormatId() {
        return formatId;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return DECODER.decode(transaction);
    }

    @Override
    public byte[] getBranchQualifier() {
        return DECODER.decode(qualifier);
    }

    @Override
    public String toString() {
        return text();
    }
}
