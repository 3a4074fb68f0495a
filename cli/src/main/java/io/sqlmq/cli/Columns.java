package io.sqlmq.cli;

/** How wide texts are on a terminal, in columns: Chinese characters and emojis take two, accents that are put on the letter before none. */
final class Columns {
    /** First and last of each range that is wide, by Unicode's East Asian Width. */
    private static final int[][] WIDE = {
        {0x1100, 0x115f},
        {0x2e80, 0x303e},
        {0x3041, 0x4dbf},
        {0x4e00, 0xa4cf},
        {0xa960, 0xa97f},
        {0xac00, 0xd7a3},
        {0xf900, 0xfaff},
        {0xfe30, 0xfe6f},
        {0xff00, 0xff60},
        {0xffe0, 0xffe6},
        {0x1f300, 0x1f64f},
        {0x1f680, 0x1f6ff},
        {0x1f900, 0x1f9ff},
        {0x1fa70, 0x1faff},
        {0x20000, 0x3fffd}
    };

    private Columns() {}

    static int of(String text) {
        return text.codePoints().map(Columns::of).sum();
    }

    private static int of(int character) {
        if (character < 0x300) {
            return 1;
        }
        int type = Character.getType(character);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        for (int[] range : WIDE) {
            if (character <= range[1]) {
                return character >= range[0] ? 2 : 1;
            }
        }
        return 1;
    }

    /** As much of a text as there is place for, with a sign that there is more. */
    static String cut(String text, int columns) {
        if (of(text) <= columns) {
            return text;
        }
        StringBuilder cut = new StringBuilder();
        int left = columns - 1;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            left -= of(text.codePointAt(i));
            if (left < 0) {
                break;
            }
            cut.appendCodePoint(text.codePointAt(i));
        }
        return cut.append('…').toString();
    }
}
