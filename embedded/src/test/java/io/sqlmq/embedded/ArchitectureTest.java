package io.sqlmq.embedded;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows from this module to the others, as docs/architecture.md draws them. */
@AnalyzeClasses(packages = "io.sqlmq.embedded", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule ONLY_PUBLIC_PARTS_OF_SQLMQ_ARE_USED = noClasses()
            .that()
            .resideInAPackage("io.sqlmq.embedded..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.sqlmq..")
                    .and(not(resideInAnyPackage(
                            "io.sqlmq.embedded..", "io.sqlmq.jms", "io.sqlmq.jms.spi", "io.sqlmq.schema"))));

    @ArchTest
    static final ArchRule NOTHING_OF_ZONKY_OR_TESTCONTAINERS_IS_NEEDED_TO_START_THE_SERVER = noClasses()
            .that()
            .haveNameNotMatching(".*\\.TestServer(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.testcontainers..", "io.zonky..");
}
