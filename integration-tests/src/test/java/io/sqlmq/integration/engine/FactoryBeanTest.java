package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.IllegalStateException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.xml.XmlBeanDefinitionReader;
import org.springframework.core.io.ByteArrayResource;

/** Connection factories as beans in XML, which have constructors without arguments and setters. */
class FactoryBeanTest extends IntegrationTest {

    private static final String BEANS = """
            <beans xmlns="http://www.springframework.org/schema/beans"
                   xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                   xsi:schemaLocation="http://www.springframework.org/schema/beans
                                       http://www.springframework.org/schema/beans/spring-beans.xsd">
              <bean id="factory" class="io.sqlmq.jms.SqlmqConnectionFactory" destroy-method="close">
                <property name="options.maximumRedeliveries" value="3"/>
                <property name="%s" value="%s"/>
                <property name="options.leaseTime" value="40000"/>
              </bean>
            </beans>""";

    @ParameterizedTest
    @ValueSource(strings = {"url", "brokerURL"})
    void aBeanOfXmlConnects(String property) throws Exception {
        DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
        String xml = BEANS.formatted(property, urlOn(url, "maximumPoolSize=5").replace("&", "&amp;"));
        new XmlBeanDefinitionReader(beans)
                .loadBeanDefinitions(new ByteArrayResource(xml.getBytes(StandardCharsets.UTF_8)));
        SqlmqConnectionFactory bean = beans.getBean(SqlmqConnectionFactory.class);
        send(bean, queue, "message");
        assertThat(drain(bean, queue)).containsExactly("message");
        assertThat(bean.getOptions().getMaximumRedeliveries()).isEqualTo(3);
        assertThat(bean.getOptions().getLeaseTime()).isEqualTo(40_000);
        assertThat(bean.getOptions().getMaximumPoolSize()).isEqualTo(5);
        beans.destroySingletons();
        assertThat(bean.isClosed()).isTrue();
    }

    @Test
    void theUrlIsAskedForAndCannotBeChangedAnyMore() throws Exception {
        SqlmqConnectionFactory bean = closeAfterwards(new SqlmqConnectionFactory());
        assertThat(bean.getUrl()).isNull();
        assertThatThrownBy(bean::createConnection)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("URL");
        bean.setUrl(url);
        connect(bean);
        assertThatThrownBy(() -> bean.setUrl(url)).hasMessageContaining("before the first connection");
    }
}
