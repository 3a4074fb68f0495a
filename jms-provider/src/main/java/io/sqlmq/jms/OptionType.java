package io.sqlmq.jms;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How values of an option look: as text and in Java.
 *
 * @param <T> the Java type; setters may take the primitive
 */
abstract class OptionType<T> {
    private final Class<T> javaType;
    private final String title;

    private OptionType(Class<T> javaType, String title) {
        this.javaType = javaType;
        this.title = title;
    }

    Class<T> javaType() {
        return javaType;
    }

    /** What kind of value this is, with its unit, range or choices, for messages and the documentation. */
    String title() {
        return title;
    }

    /** Reads a value; throws IllegalArgumentException without a message when the text cannot be read. */
    abstract T parse(String text);

    /** Whether the value is within range. */
    boolean accepts(T value) {
        return true;
    }

    /** The value, or the largest that is possible. */
    T cut(T value) {
        return value;
    }

    String format(T value) {
        return value.toString();
    }

    /** Not empty, and such that a statement or the beginning of a connection can carry it. */
    static OptionType<String> text() {
        return new OptionType<>(String.class, "text") {
            @Override
            String parse(String text) {
                return text;
            }

            @Override
            boolean accepts(String value) {
                return !value.isEmpty() && SqlmqDestination.isText(value);
            }
        };
    }

    /** A name that can begin, or be, the name of a destination. */
    static OptionType<String> destinationName() {
        return new OptionType<>(
                String.class, "name of at most " + SqlmqDestination.MAX_NAME_BYTES + " bytes in UTF-8, without NUL") {
            @Override
            String parse(String text) {
                return text;
            }

            @Override
            boolean accepts(String value) {
                return SqlmqDestination.isName(value);
            }
        };
    }

    static OptionType<Boolean> flag() {
        return new OptionType<>(Boolean.class, "true or false") {
            @Override
            Boolean parse(String text) {
                return switch (text.toLowerCase(Locale.ROOT)) {
                    case "true", "on" -> true;
                    case "false", "off" -> false;
                    default -> throw new IllegalArgumentException();
                };
            }
        };
    }

    static OptionType<Integer> integer(int min, int max) {
        return new OptionType<>(Integer.class, "integer from " + min + " to " + max) {
            @Override
            Integer parse(String text) {
                return Integer.valueOf(text);
            }

            @Override
            boolean accepts(Integer value) {
                return value >= min && value <= max;
            }

            @Override
            Integer cut(Integer value) {
                return Math.min(value, max);
            }
        };
    }

    static OptionType<Long> millis(long min) {
        return amount("milliseconds", min, Integer.MAX_VALUE);
    }

    static OptionType<Long> bytes(long min, long max) {
        return amount("bytes", min, max);
    }

    private static OptionType<Long> amount(String unit, long min, long max) {
        return new OptionType<>(Long.class, unit + ", from " + min + " to " + max) {
            @Override
            Long parse(String text) {
                return Long.valueOf(text);
            }

            @Override
            boolean accepts(Long value) {
                return value >= min && value <= max;
            }

            @Override
            Long cut(Long value) {
                return Math.min(value, max);
            }
        };
    }

    static OptionType<Double> number(double min, double max) {
        return new OptionType<>(Double.class, "number from " + min + " to " + max) {
            @Override
            Double parse(String text) {
                return Double.valueOf(text);
            }

            @Override
            boolean accepts(Double value) {
                return value >= min && value <= max;
            }
        };
    }

    static <E extends Enum<E>> OptionType<E> choice(Class<E> type) {
        String choices = Arrays.stream(type.getEnumConstants())
                .map(OptionType::choiceName)
                .collect(Collectors.joining(", "));
        return new OptionType<>(type, "one of " + choices) {
            @Override
            E parse(String text) {
                return Arrays.stream(type.getEnumConstants())
                        .filter(constant -> choiceName(constant).equalsIgnoreCase(text))
                        .findFirst()
                        .orElseThrow(IllegalArgumentException::new);
            }

            @Override
            String format(E value) {
                return choiceName(value);
            }
        };
    }

    private static String choiceName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Names separated by commas. */
    @SuppressWarnings("unchecked") // there is no class object for List<String>
    static OptionType<List<String>> names() {
        return new OptionType<List<String>>((Class<List<String>>) (Class<?>) List.class, "names, separated by commas") {
            @Override
            List<String> parse(String text) {
                return Arrays.stream(text.split(","))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .toList();
            }

            @Override
            boolean accepts(List<String> value) {
                return value.stream().noneMatch(name -> name.isBlank() || name.indexOf(',') >= 0);
            }

            @Override
            String format(List<String> value) {
                return String.join(",", value);
            }
        };
    }
}
