package io.sqlmq.job;

import io.sqlmq.job.internal.Payloads;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs that a process can do: a handler for each name, and what handlers need. It is filled before a runner is started,
 * which takes a copy of it.
 *
 * <pre>{@code
 * JobRegistry registry = new JobRegistry()
 *         .register(new Mails())
 *         .handler("cleanup", job -> cleanup())
 *         .context(mailer)
 *         .onError((job, failure) -> alarm(job.name(), failure));
 * }</pre>
 */
public final class JobRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(JobRegistry.class);

    /** A name, how its jobs are sent, and who does them. */
    record Entry(JobOptions options, JobHandler handler) {}

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<Class<?>, Object> contexts = new LinkedHashMap<>();
    private JobErrorHandler errorHandler = JobRegistry::logFailure;
    private @Nullable PayloadMapper mapper;

    /** An empty registry. */
    public JobRegistry() {}

    private JobRegistry(JobRegistry other) {
        entries.putAll(other.entries);
        contexts.putAll(other.contexts);
        errorHandler = other.errorHandler;
        mapper = other.mapper;
    }

    /** As it is now. */
    synchronized JobRegistry copy() {
        return new JobRegistry(this);
    }

    /**
     * Registers the methods of an object that are annotated with {@link Job}, inherited ones and those of interfaces, too. Where the object
     * is a proxy, as Spring makes, they are called through it.
     *
     * @param jobs an object, or a {@link Class} whose methods are static
     * @throws IllegalArgumentException if it has none, an annotation has an impossible value, a name is taken, or a method cannot be called
     *     through the proxy
     */
    public synchronized JobRegistry register(Object jobs) {
        Class<?> type = jobs instanceof Class<?> statics ? statics : jobs.getClass();
        TypeVariables variables = new TypeVariables(type);
        Map<String, Method> found = new LinkedHashMap<>();
        for (Class<?> declaring = type; declaring != null; declaring = declaring.getSuperclass()) {
            addAnnotated(declaring.getDeclaredMethods(), variables, found);
        }
        for (Class<?> declaring = type; declaring != null; declaring = declaring.getSuperclass()) {
            addOfInterfaces(declaring, variables, found);
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(type.getName() + " has no method with @Job"
                    + (Proxy.isProxyClass(type) ? "; of a proxy only methods of its interfaces can have it" : ""));
        }
        for (Method method : found.values()) {
            boolean isStatic = Modifier.isStatic(method.getModifiers());
            if (!isStatic && jobs == type) {
                throw new IllegalArgumentException(
                        method + " is not static: register an object of its class, not the class");
            }
            if (!isStatic && isBehindProxy(method, type)) {
                throw new IllegalArgumentException(method + " cannot be called through the proxy " + type.getName()
                        + ", whose own fields are empty; make it neither private nor final");
            }
            JobOptions options;
            try {
                options = JobOptions.of(method.getAnnotation(Job.class), method.getName());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("@Job of " + method + ": " + e.getMessage(), e);
            }
            add(options, new MethodHandler(method, isStatic ? null : jobs, variables.ofParameters(method)));
        }
        return this;
    }

    private static void addOfInterfaces(Class<?> type, TypeVariables variables, Map<String, Method> found) {
        for (Class<?> declaring : type.getInterfaces()) {
            addAnnotated(
                    Arrays.stream(declaring.getDeclaredMethods())
                            .filter(method -> !Modifier.isStatic(method.getModifiers()))
                            .toArray(Method[]::new),
                    variables,
                    found);
            addOfInterfaces(declaring, variables, found);
        }
    }

    private static void addAnnotated(Method[] methods, TypeVariables variables, Map<String, Method> found) {
        for (Method method : methods) {
            if (method.isAnnotationPresent(Job.class) && !method.isBridge()) {
                List<?> types = Arrays.stream(variables.ofParameters(method))
                        .map(TypeVariables::erasure)
                        .toList();
                found.putIfAbsent(method.getName() + types, method);
            }
        }
    }

    /** Whether Spring has made the class, as a subclass whose objects hand on what they override. */
    private static boolean isBehindProxy(Method method, Class<?> type) {
        return (Modifier.isPrivate(method.getModifiers()) || Modifier.isFinal(method.getModifiers()))
                && Arrays.stream(type.getInterfaces())
                        .anyMatch(i -> i.getName().equals("org.springframework.aop.SpringProxy"));
    }

    /**
     * Registers a handler for jobs of that name, which have the defaults of {@link JobOptions#named}.
     *
     * @throws IllegalArgumentException if the name is taken
     */
    public JobRegistry handler(String name, JobHandler handler) {
        return handler(JobOptions.named(name), handler);
    }

    /**
     * Registers a handler.
     *
     * @param options the name, and the defaults of its jobs
     * @throws IllegalArgumentException if the name is taken
     */
    public synchronized JobRegistry handler(JobOptions options, JobHandler handler) {
        add(options, Objects.requireNonNull(handler, "handler"));
        return this;
    }

    private void add(JobOptions options, JobHandler handler) {
        if (entries.putIfAbsent(options.name(), new Entry(options, handler)) != null) {
            throw new IllegalArgumentException("There is a handler for jobs of the name \"" + options.name()
                    + "\" already; give one of them another name");
        }
    }

    /** Gives handlers an object that they find by its class, or by any type that it has. */
    public synchronized JobRegistry context(Object context) {
        contexts.put(context.getClass(), context);
        return this;
    }

    /** Gives handlers an object that they find by exactly this type. */
    public synchronized <T> JobRegistry context(Class<T> type, T context) {
        contexts.put(type, type.cast(context));
        return this;
    }

    /** Sets who hears of failed attempts; by default they are logged. */
    public synchronized JobRegistry onError(JobErrorHandler handler) {
        errorHandler = Objects.requireNonNull(handler, "handler");
        return this;
    }

    /** Sets how JSON payloads are made and read; by default by Jackson, if it is on the class path. */
    public synchronized JobRegistry payloadMapper(PayloadMapper payloadMapper) {
        mapper = Objects.requireNonNull(payloadMapper, "payloadMapper");
        return this;
    }

    /** The channels of the options of all jobs that are registered. */
    public synchronized List<String> channels() {
        TreeSet<String> channels = new TreeSet<>();
        entries.values().forEach(entry -> channels.add(entry.options().channel()));
        return List.copyOf(channels);
    }

    /** How jobs of that name are sent. */
    synchronized JobOptions options(String name) {
        Entry entry = entries.get(name);
        return entry == null ? JobOptions.named(name) : entry.options();
    }

    /** Who does them, or null. */
    synchronized @Nullable JobHandler handler(String name) {
        Entry entry = entries.get(name);
        return entry == null ? null : entry.handler();
    }

    synchronized PayloadMapper mapper() {
        PayloadMapper known = mapper;
        if (known == null) {
            known = Payloads.mapper();
            mapper = known;
        }
        return known;
    }

    /**
     * The object that handlers find by this type, or null.
     *
     * @throws JobException if there are several
     */
    synchronized <T> @Nullable T findContext(Class<T> type) {
        Object exact = contexts.get(type);
        if (exact != null) {
            return type.cast(exact);
        }
        List<Object> fitting = new ArrayList<>();
        for (Object context : contexts.values()) {
            if (type.isInstance(context)) {
                fitting.add(context);
            }
        }
        if (fitting.size() > 1) {
            throw new JobException(
                    fitting.size() + " context objects are a " + type.getName()
                            + "; give the one that is meant by context(type, object)",
                    null);
        }
        return fitting.isEmpty() ? null : type.cast(fitting.get(0));
    }

    /** Refuses handlers that could never be called. */
    synchronized void check() {
        for (Entry entry : entries.values()) {
            if (entry.handler() instanceof MethodHandler method) {
                method.check(this);
            }
        }
    }

    void failed(CurrentJob job, Throwable failure) {
        JobErrorHandler handler;
        synchronized (this) {
            handler = errorHandler;
        }
        try {
            handler.failed(job, failure);
        } catch (RuntimeException | Error e) {
            LOG.error("The error handler failed over the failure of {}", job, e);
        }
    }

    private static void logFailure(CurrentJob job, Throwable failure) {
        LOG.error("{} failed", job, failure);
    }
}
