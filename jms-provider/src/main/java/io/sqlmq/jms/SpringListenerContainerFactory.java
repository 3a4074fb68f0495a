package io.sqlmq.jms;

import org.springframework.jms.config.DefaultJmsListenerContainerFactory;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

/**
 * Spring's {@link DefaultJmsListenerContainerFactory} with containers that keep a listener's exception with the message, see
 * {@link SpringListenerContainer}: declare the bean {@code jmsListenerContainerFactory} as one of these.
 */
public class SpringListenerContainerFactory extends DefaultJmsListenerContainerFactory {

    /** A factory as Spring's own, to be configured like that. */
    public SpringListenerContainerFactory() {}

    @Override
    protected DefaultMessageListenerContainer createContainerInstance() {
        return new SpringListenerContainer();
    }
}
