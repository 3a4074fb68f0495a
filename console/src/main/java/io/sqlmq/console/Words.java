package io.sqlmq.console;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Figures as people read them. */
final class Words {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ssxxx", Locale.ROOT);

    /** What rates are, below each table of them. */
    static final String RATES =
            "sent/s and gone/s: in this minute and the one before, as the processes that send and receive count them."
                    + " –: nothing was counted, or by SQL or processes of before, which do not count.";

    private Words() {}

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String count(long count, String what) {
        return number(count) + " " + what + (count == 1 ? "" : "s");
    }

    /** Messages a second. */
    static String rate(@Nullable Double rate) {
        return rate == null ? "–" : rate == 0 ? "0" : String.format(Locale.ROOT, rate < 10 ? "%,.2f" : "%,.0f", rate);
    }

    /** For JSON; null where it was not counted. */
    static @Nullable Double rounded(float rate) {
        return Float.isNaN(rate) ? null : Math.round(rate * 100.0) / 100.0;
    }

    /** A number of messages of which there may be more. */
    static String bounded(long number, boolean more) {
        return more ? "more than " + number(Math.max(0, number - 1)) : number(number);
    }

    static String seconds(@Nullable Double seconds) {
        if (seconds == null) {
            return "";
        }
        Duration age = Duration.ofMillis((long) (Math.max(0, seconds) * 1000));
        if (age.toSeconds() < 60) {
            return age.toSeconds() + " s";
        }
        if (age.toMinutes() < 60) {
            return age.toMinutes() + " min";
        }
        return age.toHours() < 48 ? age.toHours() + " h" : age.toDays() + " days";
    }

    /** In the time zone of the console. */
    static @Nullable String time(@Nullable Instant time) {
        return time == null ? null : TIME.format(time.atZone(ZoneId.systemDefault()));
    }
}
