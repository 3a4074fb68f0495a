package io.sqlmq.jms.internal.mapping;

import io.sqlmq.engine.model.Selection;
import io.sqlmq.message.HeaderText;
import io.sqlmq.selector.Selector;
import io.sqlmq.selector.SelectorSyntaxException;
import io.sqlmq.selector.SqlMapping;
import io.sqlmq.selector.SqlPredicate;
import jakarta.jms.InvalidSelectorException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Message selectors (§3.8) for the engine: their text becomes a predicate over its rows. */
public final class Selectors {
    /** Property types whose values look integral in JSON and are not, see io.sqlmq.message. */
    private static final Set<String> APPROXIMATE_TYPES = Set.of("float", "double");

    /** The type of strings of which JSON has but a readable form. */
    private static final String STRING_TYPE = "string";

    private Selectors() {}

    /** The selection to go by, or null for none: null and blank texts select everything (§6.2.4). */
    public static @Nullable Selection parse(@Nullable String selector, Selection.Columns columns)
            throws InvalidSelectorException {
        Selector parsed;
        try {
            parsed = Selector.parseNullable(selector);
        } catch (SelectorSyntaxException e) {
            InvalidSelectorException invalid = new InvalidSelectorException(e.getMessage(), "SELECTOR", e);
            invalid.initCause(e);
            throw invalid;
        }
        if (parsed == null) {
            return null;
        }
        SqlPredicate predicate = parsed.toSql(mapping(columns));
        Selection selection = new Selection(predicate.text(), predicate.parameters(), false, parsed.toString());
        String correlationId = parsed.correlationId();
        return correlationId == null ? selection : selection.correlated(HeaderText.encode(correlationId));
    }

    /** What getMessageSelector returns: null for none. */
    public static @Nullable String text(@Nullable String selector) {
        return selector == null || selector.isBlank() ? null : selector;
    }

    private static SqlMapping mapping(Selection.Columns columns) {
        return new SqlMapping(
                columns.properties(),
                columns.propertyTypes(),
                APPROXIMATE_TYPES,
                STRING_TYPE,
                columns.persistent(),
                columns.priority(),
                columns.messageId(),
                columns.sentAt(),
                columns.correlationId(),
                columns.type(),
                columns.jsonBody(),
                HeaderText::encode);
    }
}
