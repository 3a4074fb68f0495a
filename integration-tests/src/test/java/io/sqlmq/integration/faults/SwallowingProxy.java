package io.sqlmq.integration.faults;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between client and server, and can go silent as a host does that loses its power: it goes on accepting connections and
 * bytes, passes on none of them, and closes nothing on the client's side.
 */
final class SwallowingProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final Set<Socket> toClients = ConcurrentHashMap.newKeySet();
    private final Set<Socket> toServer = ConcurrentHashMap.newKeySet();
    private final AtomicLong received = new AtomicLong();
    private volatile boolean silent;

    private SwallowingProxy(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    /** In front of the server of a URL. */
    static SwallowingProxy of(String jdbcUrl) throws IOException {
        return new SwallowingProxy(
                URI.create(jdbcUrl.substring("jdbc:".length())).getPort());
    }

    int port() {
        return listener.getLocalPort();
    }

    /** The URL of the same database, through this. */
    String through(String jdbcUrl) {
        return jdbcUrl.replaceFirst("//[^/]*/", "//127.0.0.1:" + port() + "/");
    }

    /** How many bytes clients have received. */
    long received() {
        return received.get();
    }

    /** The server's side of the connections ends, as it does with the host, and with it the transactions. */
    void loseHost() throws IOException {
        silent = true;
        for (Socket socket : toServer) {
            socket.close();
        }
    }

    /** Only the way is lost: the server does not know. */
    void loseWay() {
        silent = true;
    }

    /** No new connections. */
    void refuse() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                toClients.add(client);
                if (!silent) {
                    Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                    server.setTcpNoDelay(true);
                    client.setTcpNoDelay(true);
                    toServer.add(server);
                    start(() -> pump(client, server));
                    start(() -> pump(server, client));
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] bytes = new byte[1 << 16];
        try {
            InputStream in = from.getInputStream();
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                if (!silent) {
                    if (toClients.contains(to)) {
                        received.addAndGet(read);
                    }
                    to.getOutputStream().write(bytes, 0, read);
                }
            }
        } catch (IOException e) {
            // one of the two has ended
        } finally {
            if (!silent) {
                close(from);
                close(to);
            }
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "swallowing-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone all the same
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        toServer.forEach(SwallowingProxy::close);
        toClients.forEach(SwallowingProxy::close);
    }
}
