package io.sqlmq.camel;

import java.util.Collection;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.spi.BeanIntrospection;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.util.StringHelper;
import org.jspecify.annotations.Nullable;

/**
 * Checks, when a route begins, the endpoints that Camel itself would make with the first message: those of {@code pollEnrich},
 * {@code poll}, {@code enrich} and {@code toD}. Where the kind of endpoint or its options depend on the message, nothing can be said
 * before it comes.
 */
final class PolledAndDynamic extends LifecycleStrategySupport {
    // By name: the classes are not those of Camel's API.
    private static final String POLLING = "org.apache.camel.processor.PollEnricher";
    private static final String ENRICHING = "org.apache.camel.processor.Enricher";
    private static final String DYNAMIC = "org.apache.camel.processor.SendDynamicProcessor";

    private final SqlmqComponent component;

    PolledAndDynamic(SqlmqComponent component) {
        this.component = component;
    }

    @Override
    public void onRoutesAdd(Collection<Route> routes) {
        routes.forEach(route -> RouteNodes.visit(route, this::check));
    }

    private void check(Object step, Route route) {
        boolean polls = ClassNames.is(step, POLLING);
        if (!polls && !ClassNames.is(step, ENRICHING) && !ClassNames.is(step, DYNAMIC)) {
            return;
        }
        SqlmqEndpoint endpoint = endpoint(step, ClassNames.is(step, DYNAMIC));
        if (endpoint != null && polls) {
            endpoint.requirePolling();
        } else if (endpoint != null) {
            endpoint.requireSending();
        }
    }

    /**
     * What a step will use, if that is an endpoint of the component.
     *
     * @param byOne whether its dynamic destinations are those of one endpoint, which has the name as it is written
     */
    private @Nullable SqlmqEndpoint endpoint(Object step, boolean byOne) {
        CamelContext context = component.getCamelContext();
        BeanIntrospection beans = PluginHelper.getBeanIntrospection(context);
        String uri = String.valueOf(beans.getOrElseProperty(step, "expression", null, false));
        if (context.hasComponent(StringHelper.before(uri, ":", "")) != component
                || (byOne ? StringHelper.after(uri, "?", "") : uri).contains("${")
                || Boolean.TRUE.equals(beans.getOrElseProperty(step, "ignoreInvalidEndpoint", null, false))) {
            return null;
        }
        Endpoint endpoint = context.getEndpoint(uri);
        return endpoint instanceof SqlmqEndpoint own ? own : null;
    }
}
