package io.sqlmq.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Times as people write them: {@code 500ms}, {@code 10s}, {@code 5m}, {@code 2h}, {@code 1d}, or as in ISO 8601, {@code PT5M}. */
final class Durations {
    private static final Pattern SHORT = Pattern.compile("(\\d{1,12})(?:\\.(\\d{1,3}))?\\s*(ms|s|m|min|h|d)");

    private Durations() {}

    static Duration parse(String text) {
        Matcher matcher = SHORT.matcher(text.strip().toLowerCase(Locale.ROOT));
        try {
            if (!matcher.matches()) {
                Duration time = Duration.parse(text.strip());
                if (time.isNegative()) {
                    throw new DateTimeException("negative");
                }
                return time;
            }
            Duration unit = switch (matcher.group(3)) {
                case "ms" -> Duration.ofMillis(1);
                case "s" -> Duration.ofSeconds(1);
                case "m", "min" -> Duration.ofMinutes(1);
                case "h" -> Duration.ofHours(1);
                default -> Duration.ofDays(1);
            };
            Duration whole = unit.multipliedBy(Long.parseLong(matcher.group(1)));
            String fraction = matcher.group(2);
            return fraction == null
                    ? whole
                    : whole.plus(unit.multipliedBy(Long.parseLong((fraction + "00").substring(0, 3)))
                            .dividedBy(1_000));
        } catch (DateTimeException | ArithmeticException e) {
            throw new TypeConversionException("'" + text + "' is not a time: 500ms, 10s, 5m, 2h, 1d");
        }
    }
}
