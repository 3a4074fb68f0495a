package io.sqlmq.camel;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.sqlmq.camel", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule usesWhatApplicationsUse = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.sqlmq.jms.internal..",
                    "io.sqlmq.message..",
                    "io.sqlmq.selector..",
                    "io.sqlmq.engine..",
                    "io.sqlmq.schema..");

    @ArchTest
    static final ArchRule doesWithoutCamelsEndpointDsl = noClasses()
            .that()
            .resideOutsideOfPackage("io.sqlmq.camel.dsl")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.sqlmq.camel.dsl", "org.apache.camel.builder.endpoint..");
}
