package io.sqlmq.tck.provider;

import java.util.List;
import java.util.ServiceLoader;

/** Starts the provider under test on first use. */
final class Current {

    static final Provider PROVIDER = start(System.getProperty("tck.provider", "sqlmq"));

    private Current() {}

    private static Provider start(String name) {
        List<Provider> known = ServiceLoader.load(Provider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        Provider chosen = known.stream()
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("tck.provider=" + name + " is none of "
                        + known.stream().map(Provider::name).toList()));
        try {
            chosen.start();
        } catch (Exception e) {
            throw new IllegalStateException("The provider " + name + " does not start", e);
        }
        return chosen;
    }
}
