package io.sqlmq.benchmarks.peers;

import java.util.List;
import java.util.Locale;

/**
 * Horizontal bars on a logarithmic scale around 1, as SVG.
 *
 * @param title above it
 * @param series names of the bars of a row
 * @param rows from top to bottom
 */
record BarChart(String title, List<String> series, List<Row> rows) {

    /**
     * A group of bars.
     *
     * @param name to their left
     * @param values one for each series; NaN for none
     */
    record Row(String name, List<Double> values) {}

    private static final List<String> COLOURS =
            List.of("#1f5fa8", "#7fb0e6", "#d9822b", "#a33b3b", "#e8c08f", "#d9a0a0");
    private static final int LABELS = 220;
    private static final int WIDTH = 900;
    private static final int BAR = 9;
    private static final int GAP = 10;
    private static final int TOP = 56;
    /** From 1/16 to 16. */
    private static final int DOUBLINGS = 4;

    /** The document. */
    String svg() {
        int group = series.size() * BAR + GAP;
        int height = TOP + rows.size() * group + 10;
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"11\">",
                WIDTH,
                height);
        add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, height);
        add(svg, "<text x=\"10\" y=\"16\" font-size=\"13\" font-weight=\"bold\">%s</text>", title);
        for (int i = 0; i < series.size(); i++) {
            int x = 10 + i * 130;
            add(svg, "<rect x=\"%d\" y=\"25\" width=\"10\" height=\"10\" fill=\"%s\"/>", x, COLOURS.get(i));
            add(svg, "<text x=\"%d\" y=\"34\">%s</text>", x + 14, series.get(i));
        }
        for (int doubling = -DOUBLINGS; doubling <= DOUBLINGS; doubling++) {
            double value = Math.pow(2, doubling);
            double x = x(value);
            add(
                    svg,
                    "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\"/>",
                    x,
                    TOP - 4,
                    x,
                    height - 6,
                    doubling == 0 ? "#444" : "#ddd");
            String label = doubling < 0 ? "1/" + Math.round(1 / value) : String.valueOf(Math.round(value));
            add(svg, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>", x, TOP - 7, label);
        }
        for (int r = 0; r < rows.size(); r++) {
            int y = TOP + r * group;
            Row row = rows.get(r);
            add(
                    svg,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
                    LABELS - 8,
                    y + group / 2,
                    row.name().replace("&", "&amp;").replace("<", "&lt;"));
            for (int i = 0; i < row.values().size(); i++) {
                double value = row.values().get(i);
                if (!Double.isNaN(value)) {
                    double from = Math.min(x(1), x(value));
                    double to = Math.max(x(1), x(value));
                    add(
                            svg,
                            "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
                            from,
                            y + i * BAR,
                            Math.max(1.5, to - from),
                            BAR - 1,
                            COLOURS.get(i % COLOURS.size()));
                }
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private static double x(double value) {
        double doublings = Math.max(-DOUBLINGS, Math.min(DOUBLINGS, Math.log(value) / Math.log(2)));
        return LABELS + (doublings + DOUBLINGS) * (WIDTH - LABELS - 20) / (2.0 * DOUBLINGS);
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
