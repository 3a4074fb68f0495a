package io.sqlmq.camel;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.apache.camel.Channel;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Navigate;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.jspecify.annotations.Nullable;

/** What the routes of an endpoint are made of: those that begin there, and those that they call by {@code direct}. */
final class RouteNodes {
    private static final String DIRECT = "org.apache.camel.component.direct.DirectEndpoint";

    /** Who looks at them. */
    @FunctionalInterface
    interface Visitor {
        void visit(Object node, Route route);
    }

    private final List<Route> routes;
    private final Visitor visitor;
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private RouteNodes(List<Route> routes, Visitor visitor) {
        this.routes = routes;
        this.visitor = visitor;
    }

    /** Shows each processor and each error handler once. */
    static void visit(SqlmqEndpoint from, Visitor visitor) {
        new RouteNodes(from.getCamelContext().getRoutes(), visitor).routesOf(from);
    }

    /** Shows those of one route, without the routes that it calls. */
    static void visit(Route route, Visitor visitor) {
        new RouteNodes(List.of(), visitor).node(route.navigate(), route);
    }

    private void routesOf(Endpoint endpoint) {
        for (Route route : routes) {
            if (route.getEndpoint() == endpoint && seen.add(route)) {
                node(route.navigate(), route);
            }
        }
    }

    private void node(@Nullable Object node, Route route) {
        if (node == null || !seen.add(node)) {
            return;
        }
        visitor.visit(node, route);
        if (node instanceof EndpointAware aware && node instanceof Processor) {
            Endpoint to = aware.getEndpoint();
            if (to != null && ClassNames.is(to, DIRECT)) {
                routesOf(to);
            }
        }
        if (node instanceof Channel channel) {
            node(channel.getErrorHandler(), route);
        }
        if (node instanceof Navigate<?> parent && parent.hasNext()) {
            parent.next().forEach(child -> node(child, route));
        }
    }
}
