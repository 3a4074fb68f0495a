package io.sqlmq.console;

import io.sqlmq.console.health.Doctor;
import io.sqlmq.console.health.Finding;
import io.sqlmq.schema.Migrator;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code sqlmq doctor} finds, the worst first. It looks when it is asked. */
final class Health {
    private static final Duration OLD = Duration.ofMinutes(5);

    private Health() {}

    private static List<Finding> findings(Role role) throws SQLException {
        var options = role.looking().getOptions();
        var connections = role.looking().getDataSource();
        List<Finding> findings = new ArrayList<>(Doctor.examine(
                new Migrator(connections, options.getSchema()),
                connections::getConnection,
                options.getSchema(),
                new Doctor.Question(
                        null,
                        "all",
                        OLD,
                        false,
                        Clock.systemUTC(),
                        Duration.ofSeconds(Database.LONGEST_SECONDS),
                        options.isPgBouncer())));
        findings.sort(Comparator.comparing(Finding::state).reversed());
        return findings;
    }

    static Html page(Role role) throws SQLException {
        Html page = new Html().open("div", "class", "wide").open("table");
        page.add(Page.head("Check", "State", "Found", "Advice")).open("tbody");
        for (Finding finding : findings(role)) {
            page.open("tr")
                    .add(Page.cell(finding.check()))
                    .element("td", finding.state(), "class", finding.state() == Finding.State.SICK ? "error" : null)
                    .add(Page.cell(finding.found()))
                    .add(Page.cell(finding.advice()))
                    .close("tr");
        }
        return page.close("tbody").close("table").close("div");
    }

    static List<Map<String, @Nullable Object>> json(Role role) throws SQLException {
        List<Map<String, @Nullable Object>> json = new ArrayList<>();
        for (Finding finding : findings(role)) {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("check", finding.check());
            one.put("state", finding.state());
            one.put("found", finding.found());
            one.put("advice", finding.advice());
            json.add(one);
        }
        return json;
    }
}
