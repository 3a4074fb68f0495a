package io.sqlmq.jms.internal.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.management.MBeanInfo;
import javax.management.StandardMBean;
import org.junit.jupiter.api.Test;

class MBeansDocsTest {

    @Test
    void thePageHasEachAttributeAndOperation() throws Exception {
        String page =
                Files.readString(Path.of(System.getProperty("basedir", "")).resolve("../docs/observing.md"));
        Counts counts = new Counts();
        MBeanInfo queue = new StandardMBean(
                        new QueueView("q", counts, () -> null, new Sizes(() -> null)), QueueViewMBean.class)
                .getMBeanInfo();
        Set<String> attributes = Arrays.stream(queue.getAttributes())
                .map(attribute -> attribute.getName())
                .collect(Collectors.toSet());
        Set<String> operations = Arrays.stream(queue.getOperations())
                .map(operation -> operation.getName())
                .collect(Collectors.toSet());
        assertThat(named(page, "Attributes of a queue:")).isEqualTo(attributes);
        assertThat(named(page, "Operations of a queue:")).isEqualTo(operations);
        assertThat(named(page, "Of a factory:"))
                .isEqualTo(Arrays.stream(BrokerViewMBean.class.getMethods())
                        .map(method -> method.getName().replaceFirst("^(get|is)(?=[A-Z])", ""))
                        .collect(Collectors.toSet()));
    }

    /** What is written as code in the paragraph that begins so. */
    private static Set<String> named(String page, String begin) {
        assertThat(page).contains(begin);
        String paragraph = page.substring(page.indexOf(begin)).split("\n\n", 2)[0];
        return Pattern.compile("`([A-Za-z]+)`")
                .matcher(paragraph)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }
}
