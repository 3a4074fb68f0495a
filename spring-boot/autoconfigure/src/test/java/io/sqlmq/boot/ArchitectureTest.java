package io.sqlmq.boot;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows from this module to the others, as docs/architecture.md draws them. */
@AnalyzeClasses(packages = "io.sqlmq.boot", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule ONLY_PUBLIC_PARTS_OF_SQLMQ_ARE_USED = noClasses()
            .that()
            .resideInAPackage("io.sqlmq.boot..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.sqlmq..")
                    .and(not(resideInAnyPackage(
                            "io.sqlmq.boot..",
                            "io.sqlmq.console",
                            "io.sqlmq.jms",
                            "io.sqlmq.job",
                            "io.sqlmq.embedded",
                            "io.sqlmq.micrometer",
                            "io.sqlmq.schema"))));

    /** What is elsewhere in Boot 4 than in Boot 3 is the matter of the starters. */
    @ArchTest
    static final ArchRule WHAT_IS_IN_BOTH_BOOTS_IS_USED = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.springframework.boot.autoconfigure.jms..",
                    "org.springframework.boot.autoconfigure.jdbc..",
                    "org.springframework.boot.actuate.health..",
                    "org.springframework.boot.actuate.autoconfigure.health..");
}
