package io.sqlmq;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rooms of the JMS provider and the one way in which they use each other, as docs/architecture.md draws them. */
@AnalyzeClasses(packages = "io.sqlmq.jms", importOptions = ImportOption.DoNotIncludeTests.class)
class JmsLayersTest {
    private static final String IN = "io.sqlmq.jms.internal.";

    /** What applications begin with; all else in the package is what they say and are told. */
    private static final DescribedPredicate<JavaClass> ENTRANCES = resideInAPackage("io.sqlmq.jms.jndi")
            .or(resideInAPackage("io.sqlmq.jms")
                    .and(nameMatching(
                            ".*\\.(SqlmqConnectionFactory|SqlmqAdmin|SqlmqTransactions|SqlmqTransactionManager|SerializedFactory"
                                    + "|Spring[A-Za-z]+|DataSourceTransactionBinding)(\\$.*)?")));

    @ArchTest
    static final ArchRule THE_INSIDE_DOES_NOT_KNOW_THE_ENTRANCES =
            noClasses().that().resideInAPackage(IN + ".").should().dependOnClassesThat(ENTRANCES);

    @ArchTest
    static final ArchRule WHAT_APPLICATIONS_SAY_STANDS_BELOW_THE_INSIDE = noClasses()
            .that(resideInAPackage("io.sqlmq.jms").and(not(ENTRANCES)))
            .should()
            .dependOnClassesThat(resideInAPackage(IN + ".").or(ENTRANCES));

    @ArchTest
    static final ArchRule NO_CYCLES_BETWEEN_ROOMS =
            slices().matching("io.sqlmq.jms.internal.(*)..").should().beFreeOfCycles();

    /** Each uses rooms that stand before it in this list only, and of these only those that are named with it. */
    @ArchTest
    static final ArchRule EACH_ROOM_USES_THOSE_BELOW_IT_ONLY = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("errors")
            .definedBy(IN + "errors")
            .layer("threads")
            .definedBy(IN + "threads")
            .layer("pool")
            .definedBy(IN + "pool")
            .layer("destination")
            .definedBy(IN + "destination")
            .layer("settings")
            .definedBy(IN + "settings")
            .layer("mapping")
            .definedBy(IN + "mapping")
            .layer("mode")
            .definedBy(IN + "mode")
            .layer("client")
            .definedBy(IN + "client")
            .layer("xa")
            .definedBy(IN + "xa")
            .layer("context")
            .definedBy(IN + "context")
            .layer("factory")
            .definedBy(IN + "factory")
            .layer("management")
            .definedBy(IN + "management")
            .whereLayer("errors")
            .mayNotAccessAnyLayer()
            .whereLayer("threads")
            .mayNotAccessAnyLayer()
            .whereLayer("pool")
            .mayOnlyAccessLayers("errors")
            .whereLayer("destination")
            .mayOnlyAccessLayers("errors", "threads")
            .whereLayer("settings")
            .mayOnlyAccessLayers("errors", "destination")
            .whereLayer("mapping")
            .mayOnlyAccessLayers("errors", "destination")
            .whereLayer("mode")
            .mayOnlyAccessLayers("errors")
            .whereLayer("client")
            .mayOnlyAccessLayers("errors", "threads", "destination", "settings", "mapping", "mode")
            .whereLayer("xa")
            .mayOnlyAccessLayers("errors", "threads", "settings", "mode", "client")
            .whereLayer("context")
            .mayOnlyAccessLayers("errors", "threads", "mapping", "mode", "client")
            .whereLayer("factory")
            .mayOnlyAccessLayers("errors", "pool", "destination", "settings", "mapping", "mode", "client", "xa")
            .whereLayer("management")
            .mayOnlyAccessLayers("settings", "factory");
}
