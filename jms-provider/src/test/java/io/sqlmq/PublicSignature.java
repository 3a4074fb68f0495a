package io.sqlmq;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.sqlmq.engine.model.EngineListener;
import java.util.stream.Stream;

/**
 * That no type of the hidden packages is a parameter, a result or a declared exception of a method, but for what applications
 * implement.
 */
final class PublicSignature extends ArchCondition<JavaMethod> {
    private final DescribedPredicate<JavaClass> hidden;

    PublicSignature(String... hiddenPackages) {
        super("show no type of %s", String.join(", ", hiddenPackages));
        this.hidden = resideInAnyPackage(hiddenPackages).and(not(belongToAnyOf(EngineListener.class)));
    }

    @Override
    public void check(JavaMethod method, ConditionEvents events) {
        Stream.of(
                        method.getRawParameterTypes().stream(),
                        method.getExceptionTypes().stream(),
                        Stream.of(method.getRawReturnType()))
                .flatMap(types -> types)
                .map(JavaClass.class::cast)
                .filter(hidden)
                .forEach(type -> events.add(SimpleConditionEvent.violated(
                        method, method.getFullName() + " shows " + type.getName() + " in its signature")));
    }
}
