package io.sqlmq.selector;

import java.util.List;

/** What has a value: literals, identifiers, arithmetic. */
sealed interface Operand extends Expression {

    <R> R accept(Visitor<R> visitor);

    /** Whether both may be strings, both booleans or both numbers; of an identifier only the message tells. */
    static boolean mayBeAlike(Operand left, Operand right) {
        return left instanceof Identifier
                || right instanceof Identifier
                || (left instanceof StringLiteral == right instanceof StringLiteral
                        && left instanceof BooleanLiteral == right instanceof BooleanLiteral);
    }

    record StringLiteral(String value) implements Operand {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.string(this);
        }
    }

    record BooleanLiteral(boolean value) implements Operand {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.bool(this);
        }
    }

    record ExactLiteral(long value) implements Operand {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.exact(this);
        }
    }

    /** Always finite. */
    record ApproximateLiteral(double value) implements Operand {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.approximate(this);
        }
    }

    /** Named by the message rather than by the selector. */
    sealed interface Identifier extends Operand {}

    record Property(String name) implements Identifier {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.property(this);
        }
    }

    record HeaderField(Header header) implements Identifier {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.header(this);
        }
    }

    /** A field of a JSON body; a step of digits is also an index into an array. */
    record JsonField(List<String> path) implements Identifier {
        /** What such identifiers start with; {@code $} also separates the steps. */
        static final String PREFIX = "JMS_SQLMQ_JSON$";

        public JsonField {
            path = List.copyOf(path);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.json(this);
        }
    }

    record Negation(Operand operand) implements Operand {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.negation(this);
        }
    }

    record Arithmetic(ArithmeticOperator operator, Operand left, Operand right) implements Operand {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.arithmetic(this);
        }
    }

    interface Visitor<R> {
        R string(StringLiteral literal);

        R bool(BooleanLiteral literal);

        R exact(ExactLiteral literal);

        R approximate(ApproximateLiteral literal);

        R property(Property property);

        R header(HeaderField field);

        R json(JsonField field);

        R negation(Negation negation);

        R arithmetic(Arithmetic arithmetic);
    }
}
