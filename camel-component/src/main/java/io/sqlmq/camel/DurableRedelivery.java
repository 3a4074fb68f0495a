package io.sqlmq.camel;

import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.SafeCopyProperty;
import org.apache.camel.spi.ErrorHandlerRedeliveryCustomizer;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Lets a message wait in its row where an error handler of Camel would repeat a step in memory. The handler decides as ever, but is told
 * how often the message was delivered, in place of how often it has repeated the step itself; when it begins to repeat the step,
 * the delivery ends with what the step threw.
 */
final class DurableRedelivery {
    private static final String DELIVERY = "CamelSqlmqDelivery";

    private DurableRedelivery() {}

    /** Makes the error handlers of the endpoint's routes ask. Other consumers that use the same routes notice nothing of it. */
    static void install(SqlmqEndpoint from) {
        RouteNodes.visit(from, (node, route) -> {
            if (node instanceof ErrorHandlerRedeliveryCustomizer handler
                    && !(handler.getOutput() instanceof Step)
                    && mayRepeat(handler)) {
                handler.changeOutput(new Step(handler.getOutput()));
            }
        });
    }

    private static boolean mayRepeat(ErrorHandlerRedeliveryCustomizer handler) {
        try {
            return handler.determineIfRedeliveryIsEnabled();
        } catch (Exception e) {
            throw new IllegalStateException("Whether " + handler + " repeats steps cannot be told", e);
        }
    }

    /** What a consumer hands its exchanges to in place of the route. */
    static Processor around(Processor route, SqlmqEndpoint from) {
        return new Whole(route, from.isTransferException());
    }

    /** A delivery. Work that the route gives to other threads is not part of it. */
    private static final class Delivery {
        private final Thread thread = Thread.currentThread();
        private final int number;
        /** What the message is delivered again for. */
        private @Nullable Exception failure;

        Delivery(int number) {
            this.number = number;
        }
    }

    /** What an exchange knows of its delivery. The exchanges of a splitter have one each. */
    private static final class Part implements SafeCopyProperty {
        private final Delivery delivery;
        /** The step that has failed, and whose error handler is deciding. */
        private @Nullable Step failed;

        Part(Delivery delivery) {
            this.delivery = delivery;
        }

        @Override
        public Part safeCopy() {
            return new Part(delivery);
        }
    }

    private static final class Whole extends DelegateAsyncProcessor {
        /** Whether the listener would send failures as answers, and commit. */
        private final boolean answersWithFailures;

        Whole(Processor route, boolean answersWithFailures) {
            super(route);
            this.answersWithFailures = answersWithFailures;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            Delivery delivery = new Delivery(number(exchange.getIn()));
            exchange.getExchangeExtension().setSafeCopyProperty(DELIVERY, new Part(delivery));
            return super.process(exchange, doneSync -> {
                if (delivery.failure != null) {
                    // Also if it was a part that failed, and the route went on with the others.
                    exchange.setException(delivery.failure);
                    exchange.setProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, delivery.failure);
                    exchange.setRollbackOnly(answersWithFailures);
                }
                callback.done(doneSync);
            });
        }

        private static int number(Message message) {
            Collection<?> batch = message.getHeader(SqlmqConstants.BATCH_HEADERS, Collection.class);
            if (batch == null) {
                return message.getHeader(SqlmqConstants.DELIVERY_COUNT, 1, Integer.class);
            }
            // A message that was delivered before comes alone, or last.
            return batch.stream()
                    .map(headers -> ((Map<?, ?>) headers).get(SqlmqConstants.DELIVERY_COUNT))
                    .mapToInt(count -> count instanceof Integer number ? number : 1)
                    .max()
                    .orElse(1);
        }
    }

    /** What an error handler calls, and calls again to repeat it. */
    private static final class Step extends DelegateAsyncProcessor {
        Step(Processor output) {
            super(output);
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            Part part = exchange.getExchangeExtension().getSafeCopyProperty(DELIVERY, Part.class);
            if (part == null || part.delivery.thread != Thread.currentThread()) {
                return super.process(exchange, callback);
            }
            if (part.failed == this && exchange.getIn().getHeader(Exchange.REDELIVERY_COUNTER) != null) {
                Exception caught = Objects.requireNonNull(
                        exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Exception.class));
                part.delivery.failure = caught;
                exchange.setException(caught);
                exchange.getExchangeExtension().setRedeliveryExhausted(true);
                callback.done(true);
                return true;
            }
            return super.process(exchange, doneSync -> {
                part.failed = isUndecided(exchange) ? this : null;
                if (part.failed != null) {
                    exchange.getIn().setHeader(Exchange.REDELIVERY_COUNTER, part.delivery.number - 1);
                    exchange.getIn().setHeader(Exchange.REDELIVERY_DELAY, 0L);
                }
                callback.done(doneSync);
            });
        }

        /** Whether an error handler has yet to decide what becomes of a failure. */
        private static boolean isUndecided(Exchange exchange) {
            return exchange.getException() != null
                    && !exchange.getExchangeExtension().isFailureHandled()
                    && !exchange.getExchangeExtension().isRedeliveryExhausted();
        }
    }
}
