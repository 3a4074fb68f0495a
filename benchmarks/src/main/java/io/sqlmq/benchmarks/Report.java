package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What was found, as a table to read or as Markdown. */
final class Report {

    private static final List<String> HEAD =
            List.of("case", "JMS", "against", "value", "target", "met", "per message, JMS / by hand");

    private final String title;
    private final List<Section> sections = new ArrayList<>();

    private record Section(Scenario scenario, List<Finding> findings) {}

    /** A report about one run; the title says on what. */
    Report(String title) {
        this.title = title;
    }

    void add(Scenario scenario, List<Finding> findings) {
        sections.add(new Section(scenario, findings));
    }

    private static List<String> cells(Finding finding) {
        return List.of(
                finding.what(),
                finding.measured(),
                finding.against(),
                Finding.number("%,.2f", finding.value()),
                finding.target() == null ? "" : finding.target().toString(),
                finding.verdict(),
                finding.usage());
    }

    /** For a terminal. */
    String text() {
        List<List<String>> all = new ArrayList<>();
        all.add(HEAD);
        sections.forEach(section -> section.findings().forEach(finding -> all.add(cells(finding))));
        int[] widths = new int[HEAD.size()];
        all.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        StringBuilder text = new StringBuilder(title).append('\n');
        for (Section section : sections) {
            text.append('\n').append(section.scenario().name()).append(": ");
            text.append(section.scenario().description()).append('\n');
            text.append(line(HEAD, widths));
            section.findings().forEach(finding -> text.append(line(cells(finding), widths)));
        }
        return text.toString();
    }

    private static String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            boolean left = i == 0 || i == widths.length - 1;
            line.append(Finding.number("%" + (left ? "-" : "") + widths[i] + "s  ", cells.get(i)));
        }
        return line.toString().stripTrailing() + "\n";
    }

    /** For docs/performance.md. */
    String markdown() {
        StringBuilder text =
                new StringBuilder("# Performance\n\n").append(title).append('\n');
        for (Section section : sections) {
            text.append("\n## ").append(section.scenario().name()).append("\n\n");
            text.append(section.scenario().description()).append("\n\n");
            text.append(row(HEAD)).append("|---|---:|---:|---:|---:|---|---|\n");
            section.findings().forEach(finding -> text.append(row(cells(finding))));
        }
        return text.toString();
    }

    private static String row(List<String> cells) {
        return cells.stream().map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | ", "| ", " |\n"));
    }
}
