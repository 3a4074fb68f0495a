package io.sqlmq.job;

import org.postgresql.ds.PGSimpleDataSource;

/** A process that works on a job in steps, with a checkpoint after each, and dies in the middle. */
final class KilledWorker {
    static final int DIES_AT = 3;

    private KilledWorker() {}

    public static void main(String[] arguments) throws Exception {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(arguments[0]);
        JobRegistry registry = new JobRegistry().handler("walk", job -> {
            for (int step = job.json(Integer.class); ; step++) {
                if (step == DIES_AT) {
                    Runtime.getRuntime().halt(1);
                }
                job.checkpoint(Checkpoint.of(step + 1));
            }
        });
        Jobs.on(dataSource, registry).runner().start();
        Thread.sleep(60_000);
    }
}
