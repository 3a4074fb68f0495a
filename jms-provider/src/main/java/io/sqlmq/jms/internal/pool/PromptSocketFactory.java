package io.sqlmq.jms.internal.pool;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import javax.net.SocketFactory;

/**
 * Makes sockets for the driver. After each notification the driver looks whether there is another, and waits a millisecond
 * for it; these sockets tell at once that there is none. Public for the driver, which makes it by its name. Thread-safe.
 */
public final class PromptSocketFactory extends SocketFactory {

    /** The driver's time-out for looking whether there is anything. */
    private static final int LOOK_MILLIS = 1;

    /** Made by the driver. */
    public PromptSocketFactory() {}

    /** Whether the driver, which may have a class loader of its own, can make it. */
    static boolean isKnownTo(ClassLoader driver) {
        try {
            return Class.forName(PromptSocketFactory.class.getName(), false, driver) == PromptSocketFactory.class;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    @Override
    public Socket createSocket() {
        return new PromptSocket();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return createSocket(InetAddress.getByName(host), port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return createSocket(InetAddress.getByName(host), port, localHost, localPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        Socket socket = createSocket();
        socket.connect(new InetSocketAddress(host, port));
        return socket;
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
        Socket socket = createSocket();
        socket.bind(new InetSocketAddress(localHost, localPort));
        socket.connect(new InetSocketAddress(host, port));
        return socket;
    }

    private static final class PromptSocket extends Socket {
        private volatile boolean looking;

        @Override
        public synchronized void setSoTimeout(int millis) throws SocketException {
            looking = millis == LOOK_MILLIS;
            super.setSoTimeout(millis);
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read(byte[] bytes, int from, int length) throws IOException {
                    if (looking && in.available() == 0) {
                        throw new SocketTimeoutException("Nothing is there");
                    }
                    return in.read(bytes, from, length);
                }
            };
        }
    }
}
