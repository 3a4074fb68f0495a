package io.sqlmq.camel;

import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.RollbackExchangeException;
import org.apache.camel.RuntimeCamelException;

/** What an application threw, out of what Camel wraps around it. */
final class RouteFailure {
    private RouteFailure() {}

    static Throwable of(Throwable failure) {
        Throwable told = failure;
        while (told.getClass() == RuntimeCamelException.class || told instanceof CamelExecutionException) {
            Throwable cause = told.getCause();
            if (cause == null) {
                return told;
            }
            told = cause;
        }
        // markRollbackOnly: why is known to the exchange only.
        if (told instanceof RollbackExchangeException rollback && rollback.getExchange() != null) {
            Throwable caught = rollback.getExchange().getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
            return caught == null || caught == told ? told : of(caught);
        }
        return told;
    }
}
