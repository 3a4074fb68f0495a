package io.sqlmq.job;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.jdbc.Daemons;
import io.sqlmq.engine.schedule.Schedules;
import io.sqlmq.engine.window.Window;
import java.sql.ResultSet;
import java.sql.Statement;

/** Jobs stand on the engine's face, and on the provider's public API and its access to the engine. */
@AnalyzeClasses(packages = "io.sqlmq.job", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule OF_THE_PROVIDER_ONLY_WHAT_IS_MEANT_FOR_IT = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.sqlmq.jms.internal..", "io.sqlmq.message..", "io.sqlmq.selector..", "io.sqlmq.schema..");

    @ArchTest
    static final ArchRule OF_THE_ENGINE_ONLY_ITS_FACE = noClasses()
            .should()
            .dependOnClassesThat(resideInAPackage("io.sqlmq.engine..")
                    .and(not(resideInAnyPackage("io.sqlmq.engine", "io.sqlmq.engine.model")))
                    .and(not(belongToAnyOf(ChannelConsumer.class, Daemons.class, Schedules.class, Window.class))));

    @ArchTest
    static final ArchRule NO_STATEMENTS = noClasses()
            .should()
            .dependOnClassesThat(assignableTo(Statement.class).or(assignableTo(ResultSet.class)));

    @ArchTest
    static final ArchRule SPRING_AND_POOLS_ARE_THE_MATTER_OF_THE_PROVIDER =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("org.springframework..", "com.zaxxer..");

    @ArchTest
    static final ArchRule JACKSON_IS_OPTIONAL = noClasses()
            .that()
            .haveSimpleNameNotEndingWith("JacksonPayloadMapper")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("tools.jackson..");
}
