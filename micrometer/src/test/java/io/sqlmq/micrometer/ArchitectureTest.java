package io.sqlmq.micrometer;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.sqlmq.engine.model.EngineListener;

@AnalyzeClasses(packages = "io.sqlmq.micrometer", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule IT_USES_WHAT_APPLICATIONS_USE = noClasses()
            .should()
            .dependOnClassesThat(resideInAPackage("io.sqlmq..")
                    .and(not(resideInAnyPackage("io.sqlmq.micrometer", "io.sqlmq.jms")))
                    .and(not(belongToAnyOf(EngineListener.class))));
}
