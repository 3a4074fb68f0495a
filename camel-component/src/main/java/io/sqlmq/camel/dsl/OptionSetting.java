package io.sqlmq.camel.dsl;

import java.util.Map;

/** Takes options, as Camel's own builders do. */
interface OptionSetting {

    /** Sets an option. */
    void doSetProperty(String name, Object value);

    /** Sets one value of an option that has several, by its name with the option's prefix. */
    void doSetMultiValueProperty(String name, String key, Object value);

    /** Sets values of an option that has several, by their names without the option's prefix. */
    void doSetMultiValueProperties(String name, String prefix, Map<String, Object> values);
}
