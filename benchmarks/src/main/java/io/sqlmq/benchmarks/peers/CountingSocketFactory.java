package io.sqlmq.benchmarks.peers;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Sockets to PostgreSQL that count in {@link Traffic} what is sent through them: for the driver's parameter
 * {@code socketFactory}. So statements are counted on any server, without an extension, and also those of brokers.
 */
public final class CountingSocketFactory extends SocketFactory {

    /** The driver's parameter that names this class. */
    static final String PARAMETER = "socketFactory=" + CountingSocketFactory.class.getName();

    @Override
    public Socket createSocket() {
        return new CountingSocket();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return connected(new InetSocketAddress(address, port));
    }

    private Socket connected(InetSocketAddress address) throws IOException {
        Socket socket = createSocket();
        socket.connect(address);
        return socket;
    }

    private static final class CountingSocket extends Socket {
        @Override
        public OutputStream getOutputStream() throws IOException {
            return new CountingStream(super.getOutputStream());
        }
    }

    private static final class CountingStream extends FilterOutputStream {
        private final FrontendMessages messages = new FrontendMessages();

        CountingStream(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            messages.sent(new byte[] {(byte) b}, 0, 1);
            out.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            messages.sent(bytes, offset, length);
            out.write(bytes, offset, length);
        }
    }
}
