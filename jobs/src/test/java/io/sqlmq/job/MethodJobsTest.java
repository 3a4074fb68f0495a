package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.junit.jupiter.api.Test;
import org.springframework.aop.framework.ProxyFactory;

/** Which methods are jobs, and what they are called with, however their classes are made. */
class MethodJobsTest extends JobsTestCase {

    record Order(int number) {}

    abstract class Base<T> {
        @Job
        void inherited(T what) {
            seen.add(what);
        }

        @Job
        void overridden(T what) {
            throw new AssertionError("the subclass is to be called");
        }

        @Job
        void annotatedTwice(T what) {
            throw new AssertionError("the subclass is to be called");
        }

        @Job
        void nested(Map<String, ? extends List<T>> what) {
            seen.add(what.get("all").get(0));
        }

        @Job
        void array(T[] what) {
            seen.add(what[0]);
        }

        @Job
        <N extends Number & Comparable<N>> void bounded(N what) {
            seen.add(what);
        }
    }

    abstract class Middle<S> extends Base<S> {}

    final class Orders extends Middle<Order> {
        @Override
        void overridden(Order what) {
            seen.add(what);
        }

        @Job(channel = "orders")
        @Override
        void annotatedTwice(Order what) {
            seen.add(what);
        }
    }

    @Test
    void typeVariablesAreWhatTheyAreInTheClassOfTheObject() {
        registry.register(new Orders());
        assertThat(registry.options("annotatedTwice").channel()).isEqualTo("orders");
        run();
        Order order = new Order(7);
        jobs.job("inherited").json(order).spawn();
        seenEventually(order);
        jobs.job("overridden").json(order).spawn();
        seenEventually(order, order);
        jobs.job("annotatedTwice").json(order).spawn();
        seenEventually(order, order, order);
        jobs.job("nested").json(Map.of("all", List.of(order))).spawn();
        seenEventually(order, order, order, order);
        jobs.job("array").json(List.of(order)).spawn();
        seenEventually(order, order, order, order, order);
        jobs.job("bounded").json(1).spawn();
        seenEventually(order, order, order, order, order, 1);
        assertThat(failures).isEmpty();
    }

    interface Handler<T> {
        @Job
        void handle(T what);

        @Job(name = "default")
        default void handleAll(List<T> all) {
            all.forEach(this::handle);
        }
    }

    final class OrderHandler implements Handler<Order> {
        @Override
        public void handle(Order what) {
            seen.add(what);
        }
    }

    @Test
    void methodsThatAnInterfaceAnnotatesAreJobs() {
        registry.register(new OrderHandler());
        run();
        jobs.job("handle").json(new Order(1)).spawn();
        seenEventually(new Order(1));
        jobs.job("default").json(List.of(new Order(2))).spawn();
        seenEventually(new Order(1), new Order(2));
    }

    interface Plain {
        @Job
        void plain(Order what);
    }

    @Test
    void aProxyOfInterfacesHasTheJobsThatTheseAnnotate() {
        Plain target = seen::add;
        registry.register(Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Plain.class}, (proxy, method, arguments) -> {
                    seen.add("around");
                    return method.invoke(target, arguments);
                }));
        run();
        jobs.job("plain").json(new Order(3)).spawn();
        seenEventually("around", new Order(3));
        assertThatThrownBy(() -> registry.register(Proxy.newProxyInstance(
                        getClass().getClassLoader(), new Class<?>[] {Runnable.class}, (proxy, method, args) -> null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("interfaces");
    }

    static class Service {
        private final List<Object> seen;

        Service(List<Object> seen) {
            this.seen = seen;
        }

        @Job
        void open(Order what) {
            seen.add(what);
        }
    }

    static class Closed extends Service {
        Closed(List<Object> seen) {
            super(seen);
        }

        @Job
        private void hidden() {}

        void use() {
            hidden();
        }
    }

    static class Last extends Service {
        Last(List<Object> seen) {
            super(seen);
        }

        @Job
        protected final void last() {}
    }

    /** Its own fields are empty. */
    private static Object proxied(Object target, MethodInterceptor advice) {
        ProxyFactory proxies = new ProxyFactory(target);
        proxies.setProxyTargetClass(true);
        proxies.addAdvice(advice);
        return proxies.getProxy();
    }

    @Test
    void aProxyThatIsASubclassIsCalledAndWhatItCannotHandOnIsRefused() {
        registry.register(proxied(new Service(seen), call -> {
            seen.add("around");
            return call.proceed();
        }));
        run();
        jobs.job("open").json(new Order(4)).spawn();
        seenEventually("around", new Order(4));
        assertThatThrownBy(() -> new JobRegistry().register(proxied(new Closed(seen), MethodInvocation::proceed)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Closed.hidden()")
                .hasMessageContaining("proxy");
        assertThatThrownBy(() -> new JobRegistry().register(proxied(new Last(seen), MethodInvocation::proceed)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Last.last()");
    }

    final class Futures {
        final CountDownLatch may = new CountDownLatch(1);

        @Job
        CompletionStage<Void> later() {
            return CompletableFuture.runAsync(() -> {
                try {
                    assertThat(may.await(30, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                seen.add("later");
            });
        }

        @Job(retries = 0)
        CompletableFuture<String> fails() {
            return CompletableFuture.supplyAsync(() -> {
                throw new IllegalStateException("in the future");
            });
        }
    }

    @Test
    void aJobThatReturnsAFutureIsDoneWhenThatIs() throws Exception {
        Futures futures = new Futures();
        registry.register(futures);
        JobRunner runner = run();
        jobs.job("later").spawn();
        eventually(() -> count("SELECT count(*) FROM mq_msgs WHERE lease_owner IS NOT NULL") == 1);
        assertThat(runner.runningJobs()).isEqualTo(1);
        futures.may.countDown();
        seenEventually("later");
        goneEventually();
        jobs.job("fails").spawn();
        eventually(() -> failures.size() == 1);
        assertThat(failures.get(0)).isInstanceOf(IllegalStateException.class).hasMessage("in the future");
        eventually(() -> count("SELECT count(*) FROM mq_dead_letters") == 1);
    }
}
