package io.sqlmq.camel;

import org.apache.camel.component.jms.JmsSendDynamicAware;
import org.apache.camel.spi.annotations.SendDynamic;

/** Lets {@code toD("sqlmq:${header.queue}")} send to any number of queues by one endpoint. */
@SendDynamic("sqlmq")
public class SqlmqSendDynamicAware extends JmsSendDynamicAware {}
