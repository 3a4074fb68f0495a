package io.sqlmq.console;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The console is a user of sqlmq like others. */
@AnalyzeClasses(packages = "io.sqlmq.console", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule ONLY_THE_PUBLIC_API = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.sqlmq.engine..",
                    "io.sqlmq.jms.internal..",
                    "io.sqlmq.jms.access..",
                    "io.sqlmq.message..",
                    "io.sqlmq.selector..",
                    "com.zaxxer..");
}
