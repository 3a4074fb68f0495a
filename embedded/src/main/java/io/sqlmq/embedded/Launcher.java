package io.sqlmq.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How PostgreSQL's programs are run. They refuse to run as root, or as a user without a name; these run them in a user
 * namespace of their own, where they count as nobody but keep the rights to their files. Where containers forbid that,
 * root runs them as the user nobody.
 *
 * @param prefix the command before the program's own
 * @param uid the user that must own the data directory, or −1 for the user that runs this JVM
 * @param gid that user's group, or −1
 */
record Launcher(List<String> prefix, int uid, int gid) {

    private static final int SELF = -1;

    static Launcher direct() {
        return new Launcher(List.of(), SELF, SELF);
    }

    /** What works for this user on this machine. */
    static Launcher detect(HomeDirectory home, Platform platform) throws IOException {
        if (platform.windows()) {
            return direct();
        }
        boolean root = Integer.valueOf(0).equals(Files.getAttribute(home.path(), "unix:uid"));
        if (!root && !HomeDirectory.namelessUser()) {
            return direct();
        }
        Launcher namespace = new Launcher(List.of("unshare", "-U"), SELF, SELF);
        if (namespace.works(home)) {
            return namespace;
        }
        return root ? nobody(home) : direct();
    }

    static Launcher nobody(HomeDirectory home) throws IOException {
        int uid = id(home, "-u");
        int gid = id(home, "-g");
        // Each of these replaces itself by the program, so that signals reach it. The last is BusyBox's su.
        List<List<String>> prefixes = List.of(
                List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups"),
                List.of("chroot", "--userspec=" + uid + ":" + gid, "/"),
                List.of("su", "-s", "/bin/sh", "nobody", "-c", "exec \"$0\" \"$@\""));
        for (List<String> prefix : prefixes) {
            Launcher launcher = new Launcher(prefix, uid, gid);
            if (launcher.works(home)) {
                return launcher;
            }
        }
        throw new EmbeddedDatabaseException("PostgreSQL refuses to run as root, and neither unshare -U nor setpriv nor"
                + " chroot --userspec works here; run the program as another user, or name a database of your own");
    }

    private static int id(HomeDirectory home, String option) throws IOException {
        return Integer.parseInt(Command.run(home.path(), List.of("id", option, "nobody"))
                .orFail("Looking up the user nobody")
                .output()
                .strip());
    }

    private boolean works(HomeDirectory home) {
        try {
            Command id = Command.run(home.path(), command("id", "-u"));
            return id.succeeded() && !id.output().strip().equals("0");
        } catch (IOException e) {
            return false; // there is no such program
        }
    }

    List<String> command(String... program) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(program));
        return command;
    }

    /** Gives a file to the user that the server runs as. */
    void own(Path file) throws IOException {
        if (uid != SELF) {
            Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(file, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** Distinguishes data directories by their owner. */
    String key() {
        return uid == SELF ? "own" : "uid" + uid;
    }
}
