package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.ClaimCursor;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Selection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the smallest visible numbers of ranks of channels. However many are asked for, it is one statement, and one for each
 * selection: a look at many idle channels that was slow for some other reason has all of them ask, and to plan the statements of a
 * selection takes longer than to run them.
 */
final class VisibleRows {

    /** Plain rows, those of the unlogged table, those of groups. */
    static final int TABLES = 3;

    /** Gets the smallest visible number at or above the one that was given; null: there is none. */
    @FunctionalInterface
    interface Answer {
        void is(@Nullable Long number);
    }

    private record Question(ClaimCursor cursor, int rank, long from, int table, Answer answer) {}

    private final Statements sql;
    private final List<Question> questions = new ArrayList<>();

    VisibleRows(Statements sql) {
        this.sql = sql;
    }

    void ask(ClaimCursor cursor, int rank, long from, int table, Answer answer) {
        questions.add(new Question(cursor, rank, from, table, answer));
    }

    /** Adds the statements, after whose run all answers are given. */
    void addTo(Pipeline pipeline) {
        List<Question> ofMany = new ArrayList<>();
        Map<ClaimCursor, List<Question>> selective = new LinkedHashMap<>();
        for (Question question : questions) {
            if (question.cursor.selection() == null) {
                ofMany.add(question);
            } else {
                selective
                        .computeIfAbsent(question.cursor, cursor -> new ArrayList<>())
                        .add(question);
            }
        }
        if (!ofMany.isEmpty()) {
            add(pipeline, ofMany);
        }
        selective.forEach((cursor, asked) -> addSelective(pipeline, cursor, asked));
    }

    private void add(Pipeline pipeline, List<Question> asked) {
        int size = asked.size();
        String[] channels = new String[size];
        Short[] ranks = new Short[size];
        Long[] from = new Long[size];
        Short[] tables = new Short[size];
        for (int i = 0; i < size; i++) {
            Question question = asked.get(i);
            channels[i] = question.cursor.channel().name();
            ranks[i] = (short) question.rank;
            from[i] = question.from;
            tables[i] = (short) question.table;
        }
        pipeline.query(
                sql.visibleOfMany,
                p -> p.texts(channels).smallints(ranks).bigints(from).smallints(tables),
                rows -> answer(asked, rows));
    }

    private static void answer(List<Question> asked, ResultSet rows) throws SQLException {
        while (rows.next()) {
            asked.get(rows.getInt(1) - 1).answer.is(rows.getObject(2, Long.class));
        }
    }

    private void addSelective(Pipeline pipeline, ClaimCursor cursor, List<Question> asked) {
        Selection selection = Objects.requireNonNull(cursor.selection());
        String channel = cursor.channel().name();
        Short[] ranks = asked.stream().map(question -> (short) question.rank).toArray(Short[]::new);
        Long[] from = asked.stream().map(Question::from).toArray(Long[]::new);
        Short[] tables = asked.stream().map(question -> (short) question.table).toArray(Short[]::new);
        pipeline.query(
                SelectiveClaimStatements.visible(sql.schema(), selection.predicate()),
                p -> {
                    p.smallints(ranks).bigints(from).smallints(tables);
                    for (int table = 0; table < TABLES; table++) {
                        p.text(channel).values(selection.parameters());
                    }
                },
                rows -> answer(asked, rows));
    }
}
