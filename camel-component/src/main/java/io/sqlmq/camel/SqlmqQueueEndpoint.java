package io.sqlmq.camel;

import java.util.List;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.component.jms.JmsBrowsableEndpoint;
import org.apache.camel.component.jms.QueueBrowseStrategy;
import org.apache.camel.spi.BrowsableEndpoint;
import org.jspecify.annotations.Nullable;
import org.springframework.jms.core.JmsOperations;

/** A queue, which can be browsed. */
@ManagedResource(description = "Managed sqlmq Queue Endpoint")
public class SqlmqQueueEndpoint extends SqlmqEndpoint implements JmsBrowsableEndpoint, BrowsableEndpoint {
    private final QueueBrowseStrategy browsing;
    private int browseLimit;

    /** An endpoint of the component, browsed in the given way. */
    public SqlmqQueueEndpoint(
            String uri,
            SqlmqComponent component,
            String destinationName,
            SqlmqConfiguration configuration,
            QueueBrowseStrategy browsing) {
        super(uri, component, destinationName, false, configuration);
        this.browsing = browsing;
        this.browseLimit = -1;
    }

    /** How many messages are shown at most; 0: all. */
    @Override
    public int getBrowseLimit() {
        return browseLimit < 0 ? getConfiguration().getBrowseLimit() : browseLimit;
    }

    @Override
    public void setBrowseLimit(int browseLimit) {
        this.browseLimit = browseLimit;
    }

    @Override
    @ManagedAttribute
    public int getMaximumBrowseSize() {
        return getBrowseLimit();
    }

    /** The same as {@link #setBrowseLimit}, as Camel's JMS component had it before. */
    @ManagedAttribute
    public void setMaximumBrowseSize(int maximumBrowseSize) {
        setBrowseLimit(maximumBrowseSize);
    }

    @Override
    public List<Exchange> getExchanges() {
        return getExchanges(getBrowseLimit(), null);
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // as Camel declares it
    public List<Exchange> getExchanges(int limit, @Nullable Predicate filter) {
        List<Exchange> seen = browsing.browse(template(), getDestinationName(), this, limit);
        return filter == null
                ? seen
                : seen.stream().filter((Predicate<Exchange>) filter).toList();
    }

    @Override
    public BrowseStatus getBrowseStatus(int limit) {
        return browsing.browseStatus(template(), getDestinationName(), this, limit);
    }

    private JmsOperations template() {
        return getConfiguration().createInOnlyTemplate(this, false, getDestinationName());
    }
}
