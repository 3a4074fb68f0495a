package io.sqlmq.schema;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * One migration that this sqlmq carries.
 *
 * @param checksum as Flyway computes and stores it: CRC-32 over the lines without their ends
 */
record Migration(Version version, String script, String sql, int checksum) {
    private static final Pattern SCRIPT_NAME = Pattern.compile("V(\\d+(?:[._]\\d+)*)__\\w+\\.sql");

    /** Checksums of what only a superuser could run, and which made the same otherwise. */
    private static final Map<String, Integer> EARLIER = Map.of("V3__operating.sql", 1103656188);

    static Migration of(String script, String sql) {
        Matcher name = SCRIPT_NAME.matcher(script);
        if (!name.matches()) {
            throw new IllegalStateException("Migration " + script + " is not named like V1__what_it_does.sql");
        }
        CRC32 checksum = new CRC32();
        sql.lines().forEach(line -> checksum.update(line.getBytes(StandardCharsets.UTF_8)));
        return new Migration(Version.parse(name.group(1)), script, sql, (int) checksum.getValue());
    }

    /** Whether it is what was applied with that checksum. */
    boolean is(@Nullable Integer applied) {
        return applied != null && (applied == checksum || applied.equals(earlier()));
    }

    /** The checksum that it may have in a history, too; or null. */
    @Nullable
    Integer earlier() {
        return EARLIER.get(script);
    }
}
