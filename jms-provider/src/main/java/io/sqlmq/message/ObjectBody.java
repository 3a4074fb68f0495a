package io.sqlmq.message;

import jakarta.jms.MessageFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** Java serialisation, as ObjectMessage uses it. */
final class ObjectBody {
    private ObjectBody() {}

    static byte[] serialize(Serializable object) throws MessageFormatException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        } catch (IOException | RuntimeException e) {
            throw MessageFaults.format(
                    "An object of " + object.getClass().getName() + " cannot be serialised: " + e, e);
        }
        return bytes.toByteArray();
    }

    static @Nullable Object deserialize(byte[] serialized, TrustedClasses trusted) throws MessageFormatException {
        TrustedClassFilter filter = new TrustedClassFilter(trusted, serialized.length);
        try (ContextObjectInputStream in = new ContextObjectInputStream(new ByteArrayInputStream(serialized))) {
            ObjectInputFilter ofTheJvm = in.getObjectInputFilter();
            in.setObjectInputFilter(ofTheJvm == null ? filter : ObjectInputFilter.merge(filter, ofTheJvm));
            return in.readObject();
        } catch (ClassNotFoundException e) {
            throw MessageFaults.format(
                    "The ObjectMessage holds the class " + e.getMessage() + ", which this application does not have.",
                    e);
        } catch (IOException | RuntimeException e) {
            String untrusted = filter.untrusted();
            throw untrusted == null
                    ? MessageFaults.format("The object of the ObjectMessage cannot be deserialised: " + e, e)
                    : MessageFaults.untrusted(untrusted, e);
        }
    }

    /** Finds classes where the calling application has them. */
    private static final class ContextObjectInputStream extends ObjectInputStream {
        ContextObjectInputStream(InputStream in) throws IOException {
            super(in);
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            ClassLoader context = Thread.currentThread().getContextClassLoader();
            if (context != null) {
                try {
                    return Class.forName(description.getName(), false, context);
                } catch (ClassNotFoundException tryTheCallers) {
                    return super.resolveClass(description);
                }
            }
            return super.resolveClass(description);
        }
    }
}
