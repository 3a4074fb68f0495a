package io.sqlmq.integration.xa;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Message;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import jakarta.transaction.TransactionManager;
import java.nio.file.Path;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/**
 * Moves a message to another queue and notes it in another database, in one transaction, and dies; or recovers.
 * Arguments: what to do, URL of sqlmq, URL of the other database, directory of the transaction manager's log, queue.
 *
 * <ul>
 *   <li>{@code die commit}: when both are prepared and the decision is in the log
 *   <li>{@code die prepare}: when sqlmq is prepared and the other is not
 *   <li>{@code recover}: ends what is left
 * </ul>
 */
final class CrashingProgram {

    private CrashingProgram() {}

    public static void main(String[] arguments) throws Exception {
        String task = arguments[0];
        String url = arguments[1];
        String queue = arguments[4];
        TransactionManager manager = Narayana.start(Path.of(arguments[3]));
        javax.sql.XAConnection database = OtherDatabase.connect(arguments[2]);
        SqlmqConnectionFactory factory = new SqlmqConnectionFactory(url);
        XAConnection connection = factory.createXAConnection();
        connection.start();
        XASession session = connection.createXASession();
        if (task.equals("recover")) {
            Narayana.recover(session.getXAResource(), database.getXAResource());
            System.out.println("recovered");
            Runtime.getRuntime().halt(0);
        }
        XAResource own = session.getXAResource();
        XAResource other = database.getXAResource();
        manager.begin();
        manager.getTransaction().enlistResource(task.equals("commit") ? new DyingResource(task, own) : own);
        manager.getTransaction().enlistResource(task.equals("prepare") ? new DyingResource(task, other) : other);
        Message message = session.createConsumer(session.createQueue(queue)).receive(10_000);
        session.createProducer(session.createQueue(queue + ".done"))
                .send(session.createTextMessage(message.getBody(String.class)));
        OtherDatabase.note(database, message.getBody(String.class));
        manager.commit();
        System.out.println("survived");
    }

    /** Ends this JVM instead of doing one of the things. */
    private record DyingResource(String task, XAResource resource) implements XAResource {

        private void dieIn(String method) {
            if (method.equals(task)) {
                Runtime.getRuntime().halt(9);
            }
        }

        @Override
        public void start(Xid xid, int flags) throws XAException {
            resource.start(xid, flags);
        }

        @Override
        public void end(Xid xid, int flags) throws XAException {
            resource.end(xid, flags);
        }

        @Override
        public int prepare(Xid xid) throws XAException {
            dieIn("prepare");
            return resource.prepare(xid);
        }

        @Override
        public void commit(Xid xid, boolean onePhase) throws XAException {
            dieIn("commit");
            resource.commit(xid, onePhase);
        }

        @Override
        public void rollback(Xid xid) throws XAException {
            resource.rollback(xid);
        }

        @Override
        public void forget(Xid xid) throws XAException {
            resource.forget(xid);
        }

        @Override
        public Xid[] recover(int flags) throws XAException {
            return resource.recover(flags);
        }

        @Override
        public boolean isSameRM(XAResource other) throws XAException {
            return resource.isSameRM(other);
        }

        @Override
        public int getTransactionTimeout() throws XAException {
            return resource.getTransactionTimeout();
        }

        @Override
        public boolean setTransactionTimeout(int seconds) throws XAException {
            return resource.setTransactionTimeout(seconds);
        }
    }
}
