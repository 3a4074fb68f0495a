package io.sqlmq.boot;

import jakarta.jms.JMSException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
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
            @Selector String queue, @org.springframework.lang.Nullable @Nullable String messageId) throws JMSException {
        try {
            return new WebEndpointResponse<>(endpoint.retry(queue, messageId));
        } catch (InvalidEndpointRequestException e) {
            return refused(e);
        }
    }

    private static WebEndpointResponse<Object> refused(InvalidEndpointRequestException e) {
        return new WebEndpointResponse<>(new Refused(e.getReason()), WebEndpointResponse.STATUS_BAD_REQUEST);
    }
}
