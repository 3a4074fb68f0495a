package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.ClaimCursor;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Selection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the smallest visible numbers of ranks of channels. However many are asked for, it is one statement for each table: a look
 * at many idle channels that was slow for some other reason has all of them ask. Those of selections are statements of their own.
 */
final class VisibleRows {

    /** Plain rows, those of the unlogged table, those of groups. */
    static final int TABLES = 3;

    /** Gets the smallest visible number at or above the one that was given; null: there is none. */
    @FunctionalInterface
    interface Answer {
        void is(@Nullable Long number);
    }

    private record Question(ClaimCursor cursor, int rank, long from, Answer answer) {}

    private final Statements sql;
    private final List<List<Question>> questions = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());

    VisibleRows(Statements sql) {
        this.sql = sql;
    }

    void ask(ClaimCursor cursor, int rank, long from, int table, Answer answer) {
        questions.get(table).add(new Question(cursor, rank, from, answer));
    }

    /** Adds the statements, after whose run all answers are given. */
    void addTo(Pipeline pipeline) {
        for (int table = 0; table < TABLES; table++) {
            List<Question> ofMany = new ArrayList<>();
            for (Question question : questions.get(table)) {
                Selection selection = question.cursor.selection();
                if (selection == null) {
                    ofMany.add(question);
                } else {
                    addSelective(pipeline, question, selection, table);
                }
            }
            if (!ofMany.isEmpty()) {
                add(pipeline, ofMany, table);
            }
        }
    }

    private void add(Pipeline pipeline, List<Question> questions, int table) {
        int size = questions.size();
        String[] channels = new String[size];
        Short[] ranks = new Short[size];
        Long[] from = new Long[size];
        for (int i = 0; i < size; i++) {
            Question question = questions.get(i);
            channels[i] = question.cursor.channel().name();
            ranks[i] = (short) question.rank;
            from[i] = question.from;
        }
        pipeline.query(
                sql.visibleOfMany.get(table),
                p -> p.texts(channels).smallints(ranks).bigints(from),
                rows -> {
                    while (rows.next()) {
                        questions.get(rows.getInt(1) - 1).answer.is(rows.getObject(2, Long.class));
                    }
                });
    }

    private void addSelective(Pipeline pipeline, Question question, Selection selection, int table) {
        pipeline.query(
                SelectiveClaimStatements.visible(sql.schema(), table == 1, table == 2, selection.predicate()),
                p -> p.text(question.cursor.channel().name())
                        .integer(question.rank)
                        .bigint(question.from)
                        .values(selection.parameters()),
                rows -> question.answer.is(rows.next() ? (Long) rows.getLong(1) : null));
    }
}
