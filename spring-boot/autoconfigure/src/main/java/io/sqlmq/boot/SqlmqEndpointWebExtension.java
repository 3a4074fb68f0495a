package io.sqlmq.boot;

import jakarta.jms.JMSException;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvoker;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvokerAdvisor;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameters;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/** Tells those who ask the endpoint by HTTP what is wrong with their question, which Boot's own answer would hide. */
@EndpointWebExtension(endpoint = SqlmqEndpoint.class)
public final class SqlmqEndpointWebExtension {
    private final SqlmqEndpoint endpoint;

    SqlmqEndpointWebExtension(SqlmqEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * Why a request cannot be answered.
     *
     * @param message in words
     */
    public record Refused(String message) {}

    /**
     * As {@link SqlmqEndpoint#contents} or, with the parameter, {@link SqlmqEndpoint#contentsOf}: servers and firewalls refuse paths with
     * some of what names of queues may hold.
     */
    @ReadOperation
    public WebEndpointResponse<Object> contents(@org.springframework.lang.Nullable @Nullable String queue)
            throws JMSException {
        return queue == null ? new WebEndpointResponse<>(endpoint.contents()) : contentsOf(queue);
    }

    /** As {@link SqlmqEndpoint#contentsOf}. */
    @ReadOperation
    public WebEndpointResponse<Object> contentsOf(@Selector String queue) throws JMSException {
        try {
            return new WebEndpointResponse<>(endpoint.contentsOf(queue));
        } catch (InvalidEndpointRequestException e) {
            return refused(e);
        }
    }

    /** As {@link SqlmqEndpoint#retry}. */
    @WriteOperation
    public WebEndpointResponse<Object> retry(
            @Selector String queue,
            @org.springframework.lang.Nullable @Nullable String messageId,
            @org.springframework.lang.Nullable @Nullable Boolean all)
            throws JMSException {
        try {
            return new WebEndpointResponse<>(endpoint.retry(queue, messageId, all));
        } catch (InvalidEndpointRequestException e) {
            return refused(e);
        }
    }

    /** As {@link SqlmqEndpoint#retry}, with the queue beside the others. */
    @WriteOperation
    public WebEndpointResponse<Object> retryIn(
            @org.springframework.lang.Nullable @Nullable String queue,
            @org.springframework.lang.Nullable @Nullable String messageId,
            @org.springframework.lang.Nullable @Nullable Boolean all)
            throws JMSException {
        return queue == null
                ? refused("Give the \"queue\" whose dead letters are to be put back.")
                : retry(queue, messageId, all);
    }

    private static WebEndpointResponse<Object> refused(InvalidEndpointRequestException e) {
        return refused(e.getReason());
    }

    private static WebEndpointResponse<Object> refused(String reason) {
        return new WebEndpointResponse<>(new Refused(reason), WebEndpointResponse.STATUS_BAD_REQUEST);
    }

    /** Refuses what the endpoint's operations that do something do not know, which Boot would drop. */
    static final class KnownOnly implements OperationInvokerAdvisor {
        @Override
        public OperationInvoker apply(
                EndpointId endpoint, OperationType type, OperationParameters parameters, OperationInvoker invoker) {
            if (!endpoint.equals(EndpointId.of("sqlmq")) || type == OperationType.READ) {
                return invoker;
            }
            Set<String> known = new TreeSet<>();
            parameters.forEach(parameter -> known.add(parameter.getName()));
            return context -> context.getArguments().keySet().stream()
                    .filter(name -> !known.contains(name))
                    .findFirst()
                    .<Object>map(name ->
                            refused("There is no \"" + name + "\" here; known are " + known + ". Nothing was done."))
                    .orElseGet(() -> invoker.invoke(context));
        }
    }
}
