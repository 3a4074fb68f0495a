package io.sqlmq.benchmarks;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** How long it takes from a new factory to the first message that is received, where tables and message are there already. */
final class FirstMessage implements Scenario {

    private static final String BODY = "the first";

    /** Rounds that warm the JVM up. */
    private static final int WARM_UP = 20;

    @Override
    public String name() {
        return "first-message";
    }

    @Override
    public String description() {
        return "From new SqlmqConnectionFactory until receive() has returned a message that was waiting, in this JVM, which has done so "
                + WARM_UP
                + " times before; and the same at the beginning of main() in a JVM of its own. Not by hand; values in ms.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        Tables tables = bench.tables();
        tables.empty();
        String url = tables.url("");
        List<Double> warm = new ArrayList<>();
        int warmUp = bench.effort().patient() ? WARM_UP : 1;
        for (int i = 0; i < warmUp + bench.effort().rounds(); i++) {
            tables.fill(Bench.QUEUE, 1, BODY);
            double millis = receive(url);
            if (i >= warmUp) {
                warm.add(millis);
            }
        }
        List<Double> fresh = new ArrayList<>();
        for (int i = 0; i < bench.effort().rounds(); i++) {
            tables.fill(Bench.QUEUE, 1, BODY);
            fresh.add(inOwnJvm(url));
        }
        bench.requireCount(0);
        return List.of(finding("warm JVM, ms", warm, 100), finding("fresh JVM, ms", fresh, 1_000));
    }

    private Finding finding(String what, List<Double> millis, double most) {
        double median =
                Quantile.of(millis.stream().mapToDouble(Double::doubleValue).toArray(), 0.5);
        return new Finding(name(), what, Finding.number("%.0f", median), "", median, Target.atMost(most), "");
    }

    private static double inOwnJvm(String url) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FirstMessage.class.getName(),
                        url)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String line;
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            line = output.readLine();
        }
        if (process.waitFor() != 0 || line == null) {
            throw new IllegalStateException("The JVM of its own has received nothing");
        }
        return Double.parseDouble(line);
    }

    /** Returns after how many milliseconds the message was there. */
    private static double receive(String url) throws JMSException {
        long began = System.nanoTime();
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(url);
                JMSContext context = factory.createContext()) {
            String body =
                    context.createConsumer(context.createQueue(Bench.QUEUE)).receiveBody(String.class, 30_000);
            if (!BODY.equals(body)) {
                throw new IllegalStateException("Received " + body);
            }
            return (System.nanoTime() - began) / 1e6;
        }
    }

    /** Receives the message and prints how many milliseconds that took. */
    public static void main(String... args) throws JMSException {
        System.out.println(receive(args[0]));
    }
}
