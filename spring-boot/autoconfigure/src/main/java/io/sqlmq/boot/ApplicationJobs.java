package io.sqlmq.boot;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.job.Job;
import io.sqlmq.job.JobRunner;
import io.sqlmq.job.Jobs;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Session;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.SpringProxy;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.stereotype.Component;
import org.springframework.util.ClassUtils;

/**
 * The jobs that an application's beans can do: it registers them when all beans are there, and runs them from when the application
 * has started, as listeners of messages do, until it stops.
 */
final class ApplicationJobs implements SmartInitializingSingleton, SmartLifecycle {
    private final ConfigurableListableBeanFactory beans;
    private final SqlmqConnectionFactory factory;
    private final Jobs jobs;
    private final JobSettings settings;
    private final List<Method> scheduled = new ArrayList<>();
    private volatile @Nullable JobRunner runner;

    ApplicationJobs(
            ConfigurableListableBeanFactory beans, SqlmqConnectionFactory factory, Jobs jobs, JobSettings settings) {
        this.beans = beans;
        this.factory = factory;
        this.jobs = jobs;
        this.settings = settings;
    }

    @Override
    public void afterSingletonsInstantiated() {
        for (String name : beans.getBeanNamesForType(Object.class)) {
            Class<?> type =
                    ScopedProxyUtils.isScopedTarget(name) ? null : AutoProxyUtils.determineTargetClass(beans, name);
            if (type != null && !isOfSpring(type)) {
                Set<Method> methods = annotated(type);
                // A factory method may have returned null, in whose place Spring has an object that is equal to it.
                Object bean = methods.isEmpty() ? null : beans.getBean(name);
                if (bean != null && !Objects.equals(bean, null)) {
                    register(name, bean, methods);
                    methods.stream()
                            .filter(method -> AnnotatedElementUtils.hasAnnotation(method, ScheduledJob.class))
                            .forEach(scheduled::add);
                }
            }
        }
    }

    /** Not of applications that are in packages of Spring, as its samples are. */
    private static boolean isOfSpring(Class<?> type) {
        return type.getName().startsWith("org.springframework.")
                && !AnnotatedElementUtils.isAnnotated(ClassUtils.getUserClass(type), Component.class);
    }

    private static Set<Method> annotated(Class<?> type) {
        return AnnotationUtils.isCandidateClass(type, List.of(Job.class, ScheduledJob.class))
                ? MethodIntrospector.selectMethods(type, (MethodIntrospector.MetadataLookup<@Nullable Boolean>)
                                method -> isAnnotated(method) ? Boolean.TRUE : null)
                        .keySet()
                : Set.of();
    }

    private static boolean isAnnotated(Method method) {
        boolean isJob =
                AnnotatedElementUtils.hasAnnotation(method, Job.class); // also by what it overrides or implements
        if (!isJob && AnnotatedElementUtils.hasAnnotation(method, ScheduledJob.class)) {
            throw new SqlmqStartException(
                    name(method) + " has @ScheduledJob, but is no job.", "Annotate it with @Job as well.", null);
        }
        return isJob;
    }

    private static String name(Method method) {
        return method.getDeclaringClass().getName() + "." + method.getName();
    }

    private void register(String name, Object bean, Set<Method> methods) {
        requireReachable(name, bean, methods);
        try {
            jobs.registry().register(bean);
        } catch (IllegalArgumentException e) {
            throw new SqlmqStartException(
                    "The @Job methods of the bean " + name + " cannot be registered: " + e.getMessage() + ".",
                    "Correct the annotation.",
                    e);
        }
    }

    /** A proxy that is a subclass has a state of its own, which is empty: what it cannot hand on would work on that. */
    private static void requireReachable(String name, Object bean, Set<Method> methods) {
        if (Proxy.isProxyClass(bean.getClass()) && annotated(bean.getClass()).size() < methods.size()) {
            throw new SqlmqStartException(
                    "The bean " + name + " has methods with @Job, but is behind a proxy that has only its interfaces.",
                    "Set spring.aop.proxy-target-class=true, or annotate the methods of the interfaces instead.",
                    null);
        }
        methods.stream()
                .filter(method -> bean instanceof SpringProxy
                        && !Modifier.isStatic(method.getModifiers())
                        && (Modifier.isPrivate(method.getModifiers()) || Modifier.isFinal(method.getModifiers())))
                .findFirst()
                .ifPresent(method -> {
                    throw new SqlmqStartException(
                            name(method) + " has @Job, but cannot be called through the proxy that the bean " + name
                                    + " is behind (for @Transactional, say).",
                            "Make it neither private nor final.",
                            null);
                });
    }

    private void schedule(Method method) {
        ScheduledJob when =
                Objects.requireNonNull(AnnotatedElementUtils.findMergedAnnotation(method, ScheduledJob.class));
        String job = Objects.requireNonNull(AnnotatedElementUtils.findMergedAnnotation(method, Job.class))
                .name();
        job = job.isEmpty() ? method.getName() : job;
        String name = when.name().isEmpty() ? job : value(when.name());
        String cron = value(when.cron());
        if (cron.equals("-")) {
            jobs.unschedule(name);
            return;
        }
        String zone = value(when.zone());
        try {
            jobs.schedule(name, cron, zone.isEmpty() ? ZoneId.systemDefault() : ZoneId.of(zone), jobs.job(job));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new SqlmqStartException(
                    "The @ScheduledJob of " + name(method) + " is of no use: " + e.getMessage() + ".",
                    "Give it the five fields of crontab (minute, hour, day of the month, month, day of the week), without the"
                            + " seconds that Spring's @Scheduled begins with, and a time zone such as Europe/Berlin.",
                    e);
        }
    }

    private String value(String text) {
        String resolved = beans.resolveEmbeddedValue(text);
        return resolved == null ? "" : resolved.strip();
    }

    @Override
    public void start() {
        if (!settings.enabled()
                || (settings.channels().isEmpty() && jobs.registry().channels().isEmpty())) {
            return;
        }
        requireRight();
        scheduled.forEach(this::schedule);
        try {
            runner = jobs.runner()
                    .channels(settings.channels().toArray(String[]::new))
                    .concurrency(settings.atLeast(), settings.atMost())
                    .shutdownTimeout(settings.shutdownTimeout())
                    .start();
        } catch (IllegalArgumentException e) {
            throw new SqlmqStartException(
                    "The jobs of this application cannot be run: " + e.getMessage() + ".",
                    "Correct the @Job methods, or the properties sqlmq.jobs.min-concurrency, max-concurrency and channels.",
                    e);
        }
    }

    /** Without it the runner would fail once a second. */
    private void requireRight() {
        try (Connection connection = factory.createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            session.createConsumer(session.createTemporaryQueue()).receiveNoWait();
        } catch (JMSSecurityException e) {
            throw new SqlmqStartException(
                    "The jobs of this application cannot be run. " + e.getMessage(),
                    "Grant it; or connect as a role that may receive; or, if this application only spawns jobs, set"
                            + " sqlmq.jobs.enabled=false.",
                    e);
        } catch (JMSException e) {
            // It passes, and the runner waits until it has.
        }
    }

    /** Waits for the jobs that run, beside the listeners of messages, which stop in the same phase. */
    @Override
    public void stop(Runnable callback) {
        Thread stopping = new Thread(
                () -> {
                    try {
                        stop();
                    } finally {
                        callback.run();
                    }
                },
                "sqlmq-jobs-stop");
        stopping.start();
    }

    @Override
    public void stop() {
        JobRunner running = runner;
        if (running != null) {
            running.close();
            runner = null;
        }
    }

    @Override
    public boolean isRunning() {
        return runner != null;
    }
}
