package metrika.conversions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.settings.Settings;
import metrika.simulator.Simulator;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/** What the packages may know of each other, and of what is below them. */
class PackagesTest {

    private static final String OURS = "metrika..";
    private static final String PRODUCT = "metrika.conversions";
    /** Those that are shipped, wherever they were built. */
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .importUrls(Stream.of(Settings.class, Simulator.class)
                    .map(each -> each.getProtectionDomain().getCodeSource().getLocation())
                    .distinct()
                    .toList());

    @Test
    void noTwoPackagesNeedEachOther() {
        slices().matching("metrika.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    /** The table of packages in docs/architecture.md, from the top: each imports only what stands below it. */
    @Test
    void eachPackageNeedsOnlyThoseBelowItInTheArchitecture() throws IOException {
        var page = Files.readString(Path.of("docs/architecture.md")).replaceFirst("(?s).*\n## Packages\n", "");
        var packages = Pattern.compile("(?m)^\\| (?:`([a-z]+)`|\\(root\\)) \\|")
                .matcher(page)
                .results()
                .map(row -> Objects.requireNonNullElse(row.group(1), ""))
                .toList();
        assertThat(packages).hasSizeGreaterThan(10).startsWith("");
        for (var one : CLASSES) {
            for (var dependency : one.getDirectDependenciesFromSelf()) {
                var other = dependency.getTargetClass().getPackageName();
                if (one.getPackageName().startsWith(PRODUCT) && other.startsWith(PRODUCT)) {
                    assertThat(packages.indexOf(topPackage(other)))
                            .as(dependency.getDescription())
                            .isGreaterThanOrEqualTo(packages.indexOf(topPackage(one.getPackageName())));
                }
            }
        }
    }

    private static String topPackage(String name) {
        return name.substring(PRODUCT.length()).replaceFirst("^\\.", "").replaceFirst("\\..*", "");
    }

    /** What everything else stands on, and the simulator, which is to stand for somebody else. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "metrika.conversions.settings",
                "metrika.conversions.ids",
                "metrika.conversions.text",
                "metrika.simulator"
            })
    void aPackageOfTheGroundFloorKnowsNoneOfOurs(String name) {
        DescribedPredicate<JavaClass> others = resideInAPackage(OURS).and(resideOutsideOfPackages(name));
        noClasses()
                .that()
                .resideInAPackage(name)
                .should()
                .dependOnClassesThat(others)
                .check(CLASSES);
    }

    @Test
    void onlySettingsReadTheEnvironment() {
        noClasses()
                .that()
                .resideOutsideOfPackage("metrika.conversions.settings")
                .should()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .check(CLASSES);
    }

    /** They change from one version to the next: whoever leans on them stands in one place. */
    @Test
    void onlyHardeningLeansOnTheInsideOfVertx() {
        var inside = resideInAnyPackage(
                "io.vertx.core.impl..",
                "io.vertx.core.net.impl..",
                "io.vertx.core.http.impl..",
                "io.netty.channel..",
                "io.netty.bootstrap..",
                "io.netty.buffer..");
        noClasses()
                .that()
                .resideInAPackage(OURS)
                .and()
                .resideOutsideOfPackage("metrika.conversions.http.hardening")
                .should()
                .dependOnClassesThat(inside)
                .check(CLASSES);
    }

    @Test
    void thereIsSomethingToLookAt() {
        assertThat(CLASSES).hasSizeGreaterThan(150);
    }
}
