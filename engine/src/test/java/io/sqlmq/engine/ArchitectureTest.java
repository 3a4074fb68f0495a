package io.sqlmq.engine;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.jspecify.annotations.NullMarked;

/** The arrows between the rooms of the engine, as docs/architecture.md draws them. There are no exceptions. */
@AnalyzeClasses(packages = "io.sqlmq.engine", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule ROOMS_USE_WHAT_IS_BELOW_THEM = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.sqlmq.engine..")
            .layer("model")
            .definedBy("io.sqlmq.engine.model")
            .layer("jdbc")
            .definedBy("io.sqlmq.engine.jdbc")
            .layer("channel")
            .definedBy("io.sqlmq.engine.channel")
            .layer("claim")
            .definedBy("io.sqlmq.engine.claim")
            .layer("send")
            .definedBy("io.sqlmq.engine.send")
            .layer("topic")
            .definedBy("io.sqlmq.engine.topic")
            .layer("window")
            .definedBy("io.sqlmq.engine.window")
            .layer("schedule")
            .definedBy("io.sqlmq.engine.schedule")
            .layer("xa")
            .definedBy("io.sqlmq.engine.xa")
            .layer("upkeep")
            .definedBy("io.sqlmq.engine.upkeep")
            .layer("engine")
            .definedBy("io.sqlmq.engine")
            .whereLayer("engine")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("model")
            .mayNotAccessAnyLayer()
            .whereLayer("jdbc")
            .mayOnlyAccessLayers("model")
            .whereLayer("channel")
            .mayOnlyAccessLayers("model", "jdbc")
            .whereLayer("claim")
            .mayOnlyAccessLayers("model", "jdbc", "channel")
            .whereLayer("send")
            .mayOnlyAccessLayers("model", "jdbc", "channel")
            .whereLayer("topic")
            .mayOnlyAccessLayers("model", "jdbc", "channel", "send")
            .whereLayer("schedule")
            .mayOnlyAccessLayers("model", "jdbc", "channel", "send")
            .whereLayer("window")
            .mayOnlyAccessLayers("model", "jdbc", "channel", "claim", "send", "topic")
            .whereLayer("xa")
            .mayOnlyAccessLayers("model", "jdbc", "channel", "claim", "send", "topic", "window")
            .whereLayer("upkeep")
            .mayOnlyAccessLayers("model", "jdbc", "channel", "claim", "send", "topic", "schedule");

    @ArchTest
    static final ArchRule NO_CYCLES_BETWEEN_ROOMS =
            slices().matching("io.sqlmq.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ONLY_THE_SCHEMA_IS_KNOWN_AND_NOT_JAKARTA_MESSAGING = noClasses()
            .that()
            .resideInAPackage("io.sqlmq.engine..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.sqlmq..")
                    .and(not(resideInAnyPackage("io.sqlmq.engine..", "io.sqlmq.schema.internal")))
                    .or(resideInAPackage("jakarta.jms..")));

    @ArchTest
    static void everyRoomSaysThatNullIsTheException(JavaClasses all) {
        for (JavaPackage known : all.getPackage("io.sqlmq.engine").getSubpackagesInTree()) {
            boolean hasCode = known.getClasses().stream()
                    .anyMatch(type -> !type.getModifiers().contains(JavaModifier.SYNTHETIC));
            assertThat(!hasCode || known.isAnnotatedWith(NullMarked.class))
                    .as("package-info.java of %s with @NullMarked", known.getName())
                    .isTrue();
        }
    }
}
