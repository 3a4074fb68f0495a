package io.sqlmq.boot;

import io.sqlmq.job.Job;
import io.sqlmq.job.JobRunner;
import io.sqlmq.job.Jobs;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotationUtils;

/**
 * The jobs that an application's beans can do: it registers them when all beans are there, and runs them from when the application
 * has started, as listeners of messages do, until it stops.
 */
final class ApplicationJobs implements SmartInitializingSingleton, SmartLifecycle {
    private final ConfigurableListableBeanFactory beans;
    private final Jobs jobs;
    private final JobSettings settings;
    private final List<Method> scheduled = new ArrayList<>();
    private volatile @Nullable JobRunner runner;

    ApplicationJobs(ConfigurableListableBeanFactory beans, Jobs jobs, JobSettings settings) {
        this.beans = beans;
        this.jobs = jobs;
        this.settings = settings;
    }

    @Override
    public void afterSingletonsInstantiated() {
        for (String name : beans.getBeanNamesForType(Object.class)) {
            Class<?> type =
                    ScopedProxyUtils.isScopedTarget(name) ? null : AutoProxyUtils.determineTargetClass(beans, name);
            if (type != null && !type.getName().startsWith("org.springframework.")) {
                Set<Method> methods = annotated(type);
                if (!methods.isEmpty()) {
                    jobs.registry().register(notHidden(name, beans.getBean(name)));
                    methods.stream()
                            .filter(method -> method.isAnnotationPresent(ScheduledJob.class))
                            .forEach(scheduled::add);
                }
            }
        }
    }

    private static Set<Method> annotated(Class<?> type) {
        return AnnotationUtils.isCandidateClass(type, Job.class)
                ? MethodIntrospector.selectMethods(type, (MethodIntrospector.MetadataLookup<@Nullable Boolean>)
                                method -> method.isAnnotationPresent(Job.class) ? Boolean.TRUE : null)
                        .keySet()
                : Set.of();
    }

    private static Object notHidden(String name, Object bean) {
        if (Proxy.isProxyClass(bean.getClass())) {
            throw new SqlmqStartException(
                    "The bean " + name + " has methods with @Job, but is behind a proxy that has only its interfaces.",
                    "Set spring.aop.proxy-target-class=true, or move the methods to a bean without interfaces.",
                    null);
        }
        return bean;
    }

    private void schedule(Method method) {
        ScheduledJob when = method.getAnnotation(ScheduledJob.class);
        String job = method.getAnnotation(Job.class).name();
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
                    "The @ScheduledJob of " + method.getDeclaringClass().getName() + "." + method.getName()
                            + " is of no use: " + e.getMessage() + ".",
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
        if (!settings.enabled()) {
            return;
        }
        scheduled.forEach(this::schedule);
        if (settings.channels().isEmpty() && jobs.registry().channels().isEmpty()) {
            return;
        }
        runner = jobs.runner()
                .channels(settings.channels().toArray(String[]::new))
                .concurrency(settings.minConcurrency(), settings.maxConcurrency())
                .shutdownTimeout(settings.shutdownTimeout())
                .start();
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
