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
        for (Question question : questions) {
            Selection selection = question.cursor.selection();
            if (selection == null) {
                ofMany.add(question);
            } else {
                addSelective(pipeline, question, selection);
            }
        }
        if (!ofMany.isEmpty()) {
            add(pipeline, ofMany);
        }
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
                rows -> {
                    while (rows.next()) {
                        asked.get(rows.getInt(1) - 1).answer.is(rows.getObject(2, Long.class));
                    }
                });
    }

    private void addSelective(Pipeline pipeline, Question question, Selection selection) {
        pipeline.query(
                SelectiveClaimStatements.visible(
                        sql.schema(), question.table == 1, question.table == 2, selection.predicate()),
                p -> p.text(question.cursor.channel().name())
                        .integer(question.rank)
                        .bigint(question.from)
                        .values(selection.parameters()),
                rows -> question.answer.is(rows.next() ? (Long) rows.getLong(1) : null));
    }
}
