package io.sqlmq.message;

import org.jspecify.annotations.Nullable;

/**
 * Body and properties of a message as they are stored. Nobody may change {@code bytes}.
 *
 * @param bodyType null for a text message, else one of {@link #TEXT} (a text that a PostgreSQL text cannot hold),
 *     {@link #BYTES}, {@link #MAP}, {@link #STREAM}, {@link #OBJECT}, {@link #MESSAGE}
 * @param text the body of a text message, verbatim; null for a text message without body
 * @param bytes any other body; null for none
 * @param properties the properties as a JSON object that SQL can read, in the order in which they were set; null for
 *     none
 * @param propertyTypes a JSON object from property name to type code for what {@code properties} alone does not tell;
 *     null when it tells everything
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; a copy per message would cost on the hot path
public record StoredContent(
        @Nullable String bodyType,
        @Nullable String text,
        byte @Nullable [] bytes,
        @Nullable String properties,
        @Nullable String propertyTypes) {

    /** A text message whose text stands in {@code bytes}, because it has a NUL or an unpaired surrogate. */
    public static final String TEXT = "text";

    /** A BytesMessage. */
    public static final String BYTES = "bytes";

    /** A MapMessage. */
    public static final String MAP = "map";

    /** A StreamMessage. */
    public static final String STREAM = "stream";

    /** An ObjectMessage. */
    public static final String OBJECT = "object";

    /** A Message without body. */
    public static final String MESSAGE = "message";
}
