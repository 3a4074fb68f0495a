package io.sqlmq;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.channel.ChannelWatch;
import io.sqlmq.engine.channel.QueueDiscovery;
import io.sqlmq.engine.jdbc.ConnectionSource;
import io.sqlmq.engine.jdbc.Daemons;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.InListener;
import io.sqlmq.engine.jdbc.Tuning;
import io.sqlmq.engine.schedule.Schedules;
import io.sqlmq.engine.send.QueueDepths;
import io.sqlmq.engine.send.SenderIdentity;
import io.sqlmq.engine.topic.ClientIdentifiers;
import io.sqlmq.engine.topic.DestinationRegistry;
import io.sqlmq.engine.topic.Subscriptions;
import io.sqlmq.engine.window.Window;
import io.sqlmq.engine.xa.Branch;
import io.sqlmq.engine.xa.PreparedBranches;
import java.sql.ResultSet;
import java.sql.Statement;
import org.jspecify.annotations.NullMarked;

/** The arrows between the packages, as docs/architecture.md draws them. */
@AnalyzeClasses(packages = "io.sqlmq", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String API = "io.sqlmq.jms";
    private static final String MODEL = "io.sqlmq.jms";
    private static final String JNDI = "io.sqlmq.jms.jndi";
    private static final String SPI = "io.sqlmq.jms.spi";
    private static final String INTERNAL = "io.sqlmq.jms.internal..";
    private static final String MESSAGE = "io.sqlmq.message..";
    private static final String SELECTOR = "io.sqlmq.selector..";
    private static final String ENGINE = "io.sqlmq.engine..";
    private static final String SCHEMA = "io.sqlmq.schema..";

    private static final String[] DATABASE = {"java.sql..", "javax.sql..", "org.postgresql..", "com.zaxxer.."};

    @ArchTest
    static final ArchRule MESSAGES_KNOW_NOTHING_ELSE_OF_SQLMQ = noClasses()
            .that()
            .resideInAPackage(MESSAGE)
            .should()
            .dependOnClassesThat(resideInAPackage("io.sqlmq..").and(not(resideInAPackage(MESSAGE))));

    @ArchTest
    static final ArchRule SELECTORS_KNOW_NOTHING_ELSE_OF_SQLMQ = noClasses()
            .that()
            .resideInAPackage(SELECTOR)
            .should()
            .dependOnClassesThat(resideInAPackage("io.sqlmq..").and(not(resideInAPackage(SELECTOR))));

    @ArchTest
    static final ArchRule THE_ENGINE_KNOWS_NOTHING_OF_SQLMQ_BUT_ITS_SCHEMA = noClasses()
            .that()
            .resideInAPackage(ENGINE)
            .should()
            .dependOnClassesThat(
                    resideInAPackage("io.sqlmq..").and(not(resideInAnyPackage(ENGINE, "io.sqlmq.schema.internal"))));

    @ArchTest
    static final ArchRule THE_ENGINE_AND_SELECTORS_DO_NOT_KNOW_JAKARTA_MESSAGING = noClasses()
            .that()
            .resideInAnyPackage(ENGINE, SELECTOR)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jakarta.jms..");

    @ArchTest
    static final ArchRule MESSAGES_AND_SELECTORS_USE_NO_DATABASE = noClasses()
            .that()
            .resideInAnyPackage(MESSAGE, SELECTOR)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(DATABASE);

    /** The context class loader, which an ObjectMessage needs, is all that they may ask a thread for. */
    @ArchTest
    static final ArchRule MESSAGES_AND_SELECTORS_START_NO_THREADS = noClasses()
            .that()
            .resideInAnyPackage(MESSAGE, SELECTOR)
            .should()
            .callConstructorWhere(target(owner(assignableTo(Thread.class))))
            .orShould()
            .dependOnClassesThat(belongToAnyOf(ThreadLocal.class).or(resideInAPackage("java.util.concurrent..")));

    @ArchTest
    static final ArchRule STATEMENTS_ARE_RUN_BY_THE_ENGINE_ONLY = noClasses()
            .that()
            .resideOutsideOfPackage(ENGINE)
            .and()
            .resideOutsideOfPackage(SCHEMA)
            // It runs what the application has HikariCP run on each connection.
            .and()
            .doNotHaveSimpleName("BesideHikari")
            .should()
            .dependOnClassesThat(assignableTo(Statement.class).or(assignableTo(ResultSet.class)));

    /** The rest of the engine is its own business: the face, the values, and what the face hands out or is given. */
    @ArchTest
    static final ArchRule OF_THE_ENGINE_ONLY_ITS_FACE_IS_USED = noClasses()
            .that()
            .resideOutsideOfPackage(ENGINE)
            .should()
            .dependOnClassesThat(resideInAPackage(ENGINE)
                    .and(not(resideInAnyPackage("io.sqlmq.engine", "io.sqlmq.engine.model")))
                    .and(not(belongToAnyOf(
                            ConnectionSource.class,
                            Daemons.class,
                            Failures.class,
                            InListener.class,
                            Tuning.class,
                            ChannelConsumer.class,
                            ChannelWatch.class,
                            QueueDiscovery.class,
                            QueueDepths.class,
                            SenderIdentity.class,
                            ClientIdentifiers.class,
                            DestinationRegistry.class,
                            Subscriptions.class,
                            Schedules.class,
                            Window.class,
                            Branch.class,
                            PreparedBranches.class))));

    @ArchTest
    static final ArchRule POOLS_ARE_THE_MATTER_OF_JMS_INTERNAL = noClasses()
            .that()
            .resideOutsideOfPackage(INTERNAL)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.zaxxer..");

    @ArchTest
    static final ArchRule SPRING_IS_OPTIONAL = noClasses()
            .that()
            .haveNameNotMatching(".*\\.(Spring[A-Za-z]+|SqlmqTransactionManager)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.springframework..");

    /** An application gets no migration tool that it did not ask for. That none comes by Maven is held in the poms. */
    @ArchTest
    static final ArchRule MIGRATION_TOOLS_ARE_THE_MATTER_OF_ANOTHER_MODULE = noClasses()
            .that()
            .resideOutsideOfPackage("io.sqlmq.migrate..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.flywaydb..", "picocli..", "io.sqlmq.migrate..");

    @ArchTest
    static final ArchRule THE_SPI_NEEDS_NOTHING_ELSE = classes()
            .that()
            .resideInAPackage(SPI)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(SPI, "java..", "org.jspecify.annotations"));

    @ArchTest
    static final ArchRule NAMING_SERVICES_ARE_OVER_THE_PUBLIC_API = noClasses()
            .that()
            .resideInAPackage(JNDI)
            .should()
            .dependOnClassesThat(resideInAPackage("io.sqlmq..").and(not(resideInAnyPackage(API, MODEL, JNDI))));

    @ArchTest
    static final ArchRule PUBLIC_SIGNATURES_SHOW_PUBLIC_TYPES_ONLY = methods()
            .that()
            .areDeclaredInClassesThat()
            .resideInAnyPackage(API, MODEL)
            .and()
            .areDeclaredInClassesThat()
            .arePublic()
            .and()
            .arePublic()
            .should(new PublicSignature(INTERNAL, ENGINE, SELECTOR));

    @ArchTest
    static final ArchRule NO_CYCLES_BETWEEN_THE_LAYERS =
            slices().matching("io.sqlmq.(*)..").should().beFreeOfCycles();

    @ArchTest
    static void everyPackageSaysThatNullIsTheException(JavaClasses all) {
        for (JavaPackage known : all.getPackage("io.sqlmq").getSubpackagesInTree()) {
            boolean hasCode = known.getClasses().stream()
                    .anyMatch(type -> !type.getModifiers().contains(JavaModifier.SYNTHETIC));
            assertThat(!hasCode || known.isAnnotatedWith(NullMarked.class))
                    .as("package-info.java of %s with @NullMarked", known.getName())
                    .isTrue();
        }
    }
}
