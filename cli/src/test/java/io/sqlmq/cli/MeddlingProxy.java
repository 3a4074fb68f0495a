package io.sqlmq.cli;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between a client and the server as a pooler does: process numbers of its own making, and no notifications. */
final class MeddlingProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final int serverPort;
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    MeddlingProxy(int serverPort) throws IOException {
        this.serverPort = serverPort;
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                open.addAll(List.of(client, server));
                start(() -> forward(client, server));
                start(() -> meddle(server, client));
            }
        } catch (IOException e) {
            close(); // or it is closed already
        }
    }

    private static void forward(Socket client, Socket server) {
        try (InputStream in = client.getInputStream();
                OutputStream out = server.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException e) {
            end(server);
        }
    }

    private static void meddle(Socket server, Socket client) {
        // Bytes that are sent one by one would each wait for the one before to be acknowledged.
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(server.getInputStream()));
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(client.getOutputStream()))) {
            while (true) {
                int type = in.readByte();
                int length = in.readInt();
                byte[] body = in.readNBytes(length - 4);
                if (type == 'K') {
                    body[3] ^= 1;
                }
                if (type != 'A') {
                    out.writeByte(type);
                    out.writeInt(length);
                    out.write(body);
                    out.flush();
                }
            }
        } catch (IOException e) {
            end(client);
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        open.forEach(MeddlingProxy::end);
    }
}
