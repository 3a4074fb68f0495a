package io.sqlmq.job;

import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Calls a method for a job, with what its parameters ask for. */
final class MethodHandler implements JobHandler {
    private final Method method;
    private final @Nullable Object target;
    /** Of its parameters, in the class of the target. */
    private final Type[] types;

    MethodHandler(Method method, @Nullable Object target, Type[] types) {
        this.method = method;
        this.target = target;
        this.types = types;
        try {
            method.setAccessible(true);
        } catch (InaccessibleObjectException | SecurityException e) {
            throw new IllegalArgumentException(method + " cannot be called; make it and its class public", e);
        }
    }

    /** Refuses what no job could be called with. */
    void check(JobRegistry registry) {
        Type payload = null;
        for (Type parameter : types) {
            Class<?> type = TypeVariables.erasure(parameter);
            if (type == CurrentJob.class || type == byte[].class || registry.findContext(type) != null) {
                continue;
            }
            if (payload != null) {
                throw new IllegalArgumentException(method + " has two parameters for which there is no context object, "
                        + payload.getTypeName() + " and " + type.getTypeName()
                        + "; one of them can be the payload. Give the registry the other by context(…)");
            }
            payload = type;
        }
    }

    @Override
    public void run(CurrentJob job) throws Exception {
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            arguments[i] = argument(job, TypeVariables.erasure(types[i]), types[i]);
        }
        try {
            Object returned = method.invoke(target, arguments);
            if (returned instanceof CompletionStage<?> stage) {
                stage.toCompletableFuture().get();
            } else if (returned instanceof Future<?> future) {
                future.get();
            }
        } catch (InvocationTargetException | ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof Exception thrown) {
                throw thrown;
            }
            if (cause instanceof Error thrown) {
                throw thrown;
            }
            throw e;
        }
    }

    private static @Nullable Object argument(CurrentJob job, Class<?> type, Type genericType) {
        if (type == CurrentJob.class) {
            return job;
        }
        if (type == byte[].class) {
            return job.bytes();
        }
        Object context = job.registry().findContext(type);
        if (context != null) {
            return context;
        }
        Object payload = job.json(genericType);
        if (payload == null && type.isPrimitive()) {
            throw new JobException("The job has no JSON payload, but its handler wants one: " + type, null);
        }
        return payload;
    }
}
