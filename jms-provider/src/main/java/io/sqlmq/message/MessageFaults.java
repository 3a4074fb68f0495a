package io.sqlmq.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import org.jspecify.annotations.Nullable;

/** The exceptions of this package, each with its error code. */
final class MessageFaults {
    private static final int SHOWN = 64;

    private MessageFaults() {}

    static MessageFormatException format(String text) {
        return new MessageFormatException(text, "SQLMQ-MESSAGE-FORMAT");
    }

    static MessageFormatException format(String text, Throwable cause) {
        return withCause(format(text), cause);
    }

    static MessageFormatException untrusted(String className, Throwable cause) {
        return withCause(
                new MessageFormatException(
                        "The ObjectMessage holds the class " + className + ", which is not trusted. If it may be"
                                + " deserialised here, add the class or its package to the option trustedPackages.",
                        "SQLMQ-MESSAGE-UNTRUSTED-CLASS"),
                cause);
    }

    static MessageFormatException collections(int limit, Throwable cause) {
        return withCause(
                format("The object of the ObjectMessage has collections that may take very long to read: more than "
                        + limit
                        + " objects, a Hashtable among them (if the sender means well, raise the option"
                        + " maxHashtableObjects), many keys with the same hash code, or collections that are within each"
                        + " other again and again."),
                cause);
    }

    static MessageFormatException fieldType(Object value) {
        return format("A body cannot hold a " + value.getClass().getName() + "; allowed are the primitive types, String"
                + " and byte[] (Jakarta Messaging 3.11.3).");
    }

    static MessageFormatException propertyType(String name, Object value) {
        String instead = "";
        if (value instanceof Character || value instanceof char[]) {
            instead = " Make a String of it with String.valueOf.";
        } else if (value instanceof byte[]) {
            instead = " Put bytes into the body of a BytesMessage, or make a String of them, say with Base64.";
        }
        return format("A property cannot be a " + value.getClass().getTypeName() + " ('" + shown(name)
                + "'); allowed are Boolean, Byte, Short, Integer, Long, Float, Double and String (Jakarta Messaging"
                + " 3.5.5)." + instead);
    }

    static MessageNotWriteableException propertiesNotWriteable() {
        return new MessageNotWriteableException(
                "The properties of a received message are read-only; call clearProperties() first to write new ones.",
                "SQLMQ-MESSAGE-READ-ONLY");
    }

    static MessageNotWriteableException bodyNotWriteable() {
        return new MessageNotWriteableException(
                "The body is read-only, because the message was received or reset; call clearBody() first to write a"
                        + " new one.",
                "SQLMQ-MESSAGE-READ-ONLY");
    }

    static MessageNotReadableException bodyNotReadable() {
        return new MessageNotReadableException(
                "The body is write-only while it is being written; call reset() first to read it.",
                "SQLMQ-MESSAGE-WRITE-ONLY");
    }

    static JMSException beingSent() {
        return new JMSException(
                "The message is being sent asynchronously and cannot be read or changed until its CompletionListener"
                        + " was called.",
                "SQLMQ-MESSAGE-BEING-SENT");
    }

    static JMSException unreadable(String what, @Nullable Throwable cause) {
        JMSException fault = new JMSException(
                "The stored message cannot be read: " + what
                        + ". Was it written by a newer version of sqlmq, or changed by SQL?",
                "SQLMQ-MESSAGE-UNREADABLE");
        return cause == null ? fault : withCause(fault, cause);
    }

    /** The beginning of a text, on one line, for messages to people. */
    static String shown(String text) {
        String begin = text.length() <= SHOWN ? text : text.substring(0, SHOWN - 1) + "…";
        StringBuilder out = new StringBuilder(begin.length());
        begin.chars().forEach(c -> out.append(Character.isISOControl(c) ? '\uFFFD' : (char) c));
        return out.toString();
    }

    private static <E extends JMSException> E withCause(E fault, Throwable cause) {
        fault.initCause(cause);
        if (cause instanceof Exception exception) {
            fault.setLinkedException(exception);
        }
        return fault;
    }
}
