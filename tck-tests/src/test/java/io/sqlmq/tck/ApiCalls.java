package io.sqlmq.tck;

import io.sqlmq.testing.Async;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.io.Serializable;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** Names and arguments for calls of every method of an interface. */
final class ApiCalls {
    private final Session session;
    private final Queue queue;
    private final Message message;

    /** Calls with a message of the session, and destinations. */
    ApiCalls(Session session, Queue queue) throws JMSException {
        this.session = session;
        this.queue = queue;
        this.message = session.createMessage();
    }

    static String name(Method method) {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }

    static String describe(Method method) {
        return Arrays.stream(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(Collectors.joining(", ", name(method) + "(", ")"));
    }

    /** Arguments that the method would take. */
    Object[] arguments(Method method) {
        return Arrays.stream(method.getParameterTypes()).map(this::argument).toArray();
    }

    private Object argument(Class<?> type) {
        if (type.isPrimitive()) {
            return primitive(type);
        } else if (type == String.class || type == Serializable.class || type == Object.class) {
            return "text";
        } else if (type == Class.class) {
            return String.class;
        } else if (type == Message.class) {
            return message;
        } else if (type == Destination.class || type == Queue.class) {
            return queue;
        } else if (type == Topic.class) {
            return Async.unchecked(() -> session.createTopic("topic"));
        } else if (type == byte[].class) {
            return new byte[2];
        } else if (type == Map.class) {
            return Map.of("a", 1);
        }
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> null);
    }

    private static Object primitive(Class<?> type) {
        if (type == boolean.class) {
            return false;
        } else if (type == int.class) {
            return JMSContext.AUTO_ACKNOWLEDGE;
        } else if (type == long.class) {
            return 1L;
        } else if (type == byte.class) {
            return (byte) 1;
        } else if (type == short.class) {
            return (short) 1;
        } else if (type == float.class) {
            return 1f;
        } else if (type == double.class) {
            return 1d;
        }
        return 'c';
    }
}
