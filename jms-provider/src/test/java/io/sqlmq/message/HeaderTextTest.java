package io.sqlmq.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderTextTest {

    @Property
    void everyStringComesBackAndEveryStoredTextIsOneForPostgres(@ForAll("strings") String value) {
        String stored = HeaderText.encode(value);

        assertThat(HeaderText.decode(stored)).isEqualTo(value);
        assertThat(stored).doesNotContain("\0");
        assertThat(new String(stored.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(stored);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "order-1", "ID:1-2", "Stra\u00DFe \uD83D\uDE00", "C:\\users\\u0000", "\\", "a\\u:b"})
    void ordinaryStringsAreStoredAsTheyAre(String value) {
        assertThat(HeaderText.encode(value)).isEqualTo(value);
    }

    @Test
    void escapesAreReadable() {
        assertThat(HeaderText.encode("a\0b\\c\uD800")).isEqualTo("\\u:a\\u0000b\\\\c\\uD800");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\u:\\", "\\u:\\u12", "\\u:\\x", "\\u:\\u00zz"})
    void textsThatNobodyEncodedComeBackUnchanged(String stored) {
        assertThat(HeaderText.decode(stored)).isEqualTo(stored);
    }

    @Provide
    Arbitrary<String> strings() {
        return MessageArbitraries.strings();
    }
}
