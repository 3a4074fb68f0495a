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
        } catch (IOException | RuntimeException | LinkageError | StackOverflowError e) {
            throw MessageFaults.format(
                    "An object of " + object.getClass().getName() + " cannot be serialised: " + e, e);
        }
        return bytes.toByteArray();
    }

    static @Nullable Object deserialize(byte[] serialized, TrustedClasses trusted) throws MessageFormatException {
        TrustedClassFilter filter = new TrustedClassFilter(trusted, serialized.length);
        try (FilteredObjectInputStream in =
                new FilteredObjectInputStream(new ByteArrayInputStream(serialized), filter)) {
            ObjectInputFilter ofTheJvm = in.getObjectInputFilter();
            in.setObjectInputFilter(ofTheJvm == null ? filter : ObjectInputFilter.merge(filter, ofTheJvm));
            return in.readObject();
        } catch (ClassNotFoundException e) {
            throw MessageFaults.format(
                    "The ObjectMessage holds the class " + e.getMessage() + ", which this application does not have.",
                    e);
        } catch (IOException | RuntimeException | LinkageError | StackOverflowError e) {
            String untrusted = filter.untrusted();
            if (untrusted != null) {
                throw MessageFaults.untrusted(untrusted, e);
            }
            throw filter.isTooLarge()
                    ? MessageFaults.collections(trusted.maxHashtableObjects(), e)
                    : MessageFaults.format("The object of the ObjectMessage cannot be deserialised: " + e, e);
        }
    }

    /** Finds classes where the calling application has them, and loads none before the filter has allowed it by its name. */
    private static final class FilteredObjectInputStream extends ObjectInputStream {
        private final TrustedClassFilter filter;

        FilteredObjectInputStream(InputStream in, TrustedClassFilter filter) throws IOException {
            super(in);
            this.filter = filter;
            enableResolveObject(true);
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            filter.checkName(description.getName());
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

        @Override
        protected Class<?> resolveProxyClass(String[] interfaces) throws IOException, ClassNotFoundException {
            for (String name : interfaces) {
                filter.checkName(name);
            }
            return super.resolveProxyClass(interfaces);
        }

        @Override
        protected Object resolveObject(Object object) throws IOException {
            filter.checkObject(object);
            return object;
        }
    }
}
