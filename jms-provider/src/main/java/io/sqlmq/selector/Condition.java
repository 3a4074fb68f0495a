package io.sqlmq.selector;

import java.util.List;

/**
 * What is true, false or unknown. A negated predicate ({@code NOT IN}, {@code IS NOT NULL}) is a {@link Not}; {@code NOT
 * BETWEEN} is {@link Between#outside}.
 */
sealed interface Condition extends Expression {

    <R> R accept(Visitor<R> visitor);

    record And(List<Condition> terms) implements Condition {
        public And {
            terms = List.copyOf(terms);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.and(this);
        }
    }

    record Or(List<Condition> terms) implements Condition {
        public Or {
            terms = List.copyOf(terms);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.or(this);
        }
    }

    record Not(Condition term) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.not(this);
        }
    }

    record Comparison(ComparisonOperator operator, Operand left, Operand right) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.comparison(this);
        }
    }

    record Between(Operand value, Operand low, Operand high) implements Condition {
        /** The first half of what BETWEEN stands for. */
        Comparison atLeast() {
            return new Comparison(ComparisonOperator.GREATER_OR_EQUAL, value, low);
        }

        /** The second half of what BETWEEN stands for. */
        Comparison atMost() {
            return new Comparison(ComparisonOperator.LESS_OR_EQUAL, value, high);
        }

        /** What NOT BETWEEN stands for (§3.8.1.1). Where a value is no number it is false, as BETWEEN itself is. */
        Or outside() {
            return new Or(List.of(
                    new Comparison(ComparisonOperator.LESS, value, low),
                    new Comparison(ComparisonOperator.GREATER, value, high)));
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.between(this);
        }
    }

    record In(Operand value, List<String> choices) implements Condition {
        public In {
            choices = List.copyOf(choices);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.in(this);
        }
    }

    record Like(Operand value, LikePattern pattern) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.like(this);
        }
    }

    record IsNull(Operand value) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.isNull(this);
        }
    }

    /** An identifier or TRUE or FALSE that stands where a condition is needed. */
    record Truth(Operand value) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.truth(this);
        }
    }

    interface Visitor<R> {
        R and(And and);

        R or(Or or);

        R not(Not not);

        R comparison(Comparison comparison);

        R between(Between between);

        R in(In in);

        R like(Like like);

        R isNull(IsNull isNull);

        R truth(Truth truth);
    }
}
