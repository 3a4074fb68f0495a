package io.sqlmq.jms.internal.client;

import io.sqlmq.jms.internal.settings.ProductVersion;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/** Who we are (§6.1.6). The version comes from the build. */
final class ProviderMetaData implements ConnectionMetaData {
    private static final List<String> ALWAYS_SET =
            List.of("JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount", "JMSXRcvTimestamp", "JMSXConsumerTXID");

    private final List<String> setBySend;
    private final Question health;

    /** Fails where the database does not take work. */
    interface Question {
        void ask() throws JMSException;
    }

    /** The metadata of connections that set these JMSX properties on send. */
    ProviderMetaData(List<String> setBySend, Question health) {
        this.setBySend = List.copyOf(setBySend);
        this.health = health;
    }

    @Override
    public String getJMSVersion() {
        return "3.1";
    }

    @Override
    public int getJMSMajorVersion() {
        return 3;
    }

    @Override
    public int getJMSMinorVersion() {
        return 1;
    }

    /** Asks the database first: health checks, such as Spring Boot's, do nothing else that would. */
    @Override
    public String getJMSProviderName() throws JMSException {
        health.ask();
        return "sqlmq";
    }

    @Override
    public String getProviderVersion() {
        return ProductVersion.TEXT;
    }

    @Override
    public int getProviderMajorVersion() {
        return versionPart(0);
    }

    @Override
    public int getProviderMinorVersion() {
        return versionPart(1);
    }

    private int versionPart(int index) {
        String[] parts = ProductVersion.TEXT.split("[.-]", -1);
        return index < parts.length && parts[index].matches("\\d{1,9}") ? Integer.parseInt(parts[index]) : 0;
    }

    @Override
    public Enumeration<String> getJMSXPropertyNames() {
        List<String> names = new ArrayList<>(ALWAYS_SET);
        names.addAll(setBySend);
        return Collections.enumeration(names);
    }
}
