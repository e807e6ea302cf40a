package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

import metrika.conversions.database.RepeatingJdbc;

/** Whether what route files name is there: routes, beans, components with their options, kamelets, files. */
final class ReferenceCheck {

    /** Where route configurations are. */
    static final String CONFIGURATIONS = "routes/errors/";

    private static final String RESOURCE = "resource:file:";
    private static final Pattern REFERENCE = Pattern.compile("#(?:bean:)?([A-Za-z][A-Za-z0-9-]*)");
    private static final Pattern IN_SIMPLE = Pattern.compile("\\$\\{bean:([A-Za-z][A-Za-z0-9-]*)");
    private static final Pattern IN_URI = Pattern.compile("(jdbc|bean):(?://)?([A-Za-z][A-Za-z0-9-]*)");
    /** A parameter of a kamelet is one of a URI. */
    private static final Pattern RAW_CUT_SHORT = Pattern.compile("^\\s*RAW\\((?s:.*)\\)&");

    private static final Pattern CUT_SHORT = Pattern.compile("^(?!\\s*RAW[({])[^&]*&");

    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]*");
    private static final Set<String> TARGETS = Set.of("uri", "to", "toD", "wireTap", "from");

    private final Path folder;
    private final Predicate<String> isSetting;
    private final Predicate<String> isBean;
    private final Set<String> consumers;
    private final Map<String, YamlFile> kamelets;
    private final Consumer<Finding> findings;
    private final ComponentCatalog components = new ComponentCatalog();
    private final Map<String, Path> configurations = new HashMap<>();
    private final Set<String> beans = new HashSet<>();

    /**
     * @param folder the one of the routes
     * @param isSetting whether a placeholder's name is known
     * @param isBean whether there is a bean of a name
     * @param consumers the {@code direct:} that routes begin with; those of later files may be added meanwhile
     * @param kamelets by name, likewise
     */
    ReferenceCheck(
            Path folder,
            Predicate<String> isSetting,
            Predicate<String> isBean,
            Set<String> consumers,
            Map<String, YamlFile> kamelets,
            Consumer<Finding> findings) {
        this.folder = folder;
        this.isSetting = isSetting;
        this.isBean = isBean;
        this.consumers = consumers;
        this.kamelets = kamelets;
        this.findings = findings;
    }

    /** There is a route configuration of an id in a file. */
    void configuration(String id, Path file) {
        configurations.put(id, file);
    }

    /** Names of beans, one of which may be meant by one that there is not. */
    void suggest(Collection<String> names) {
        beans.addAll(names);
    }

    /** The files that a file names have to be there. */
    void files(YamlFile file) {
        file.scalars().forEach(scalar -> {
            resource(file, scalar);
            statement(file, scalar);
        });
    }

    /** What a route calls has to be there. */
    void targets(YamlFile file) {
        for (var scalar : file.scalars()) {
            var text = scalar.text();
            resource(file, scalar);
            statement(file, scalar);
            bean(file, scalar);
            configuration(file, scalar);
            ClassCheck.fault(file, scalar)
                    .ifPresent(fault -> findings.accept(new Finding(file.path(), scalar.line(), fault)));
            if (scalar.name().equals("uri")) {
                options(file, scalar);
            }
            if (!TARGETS.contains(scalar.name()) || text.contains("${") || text.contains("{{")) {
                continue;
            }
            var target = text.replaceFirst("\\?.*", "");
            if (target.startsWith("direct:") && !consumers.contains(target)) {
                findings.accept(new Finding(
                        file.path(),
                        scalar.line(),
                        "no route begins with " + target + NearMiss.question(target, consumers)));
            }
            if (target.startsWith("kamelet:") && !target.matches("kamelet:(source|sink)")) {
                parameters(file, scalar, target.substring(8));
            }
        }
    }

    private void resource(YamlFile file, YamlFile.Scalar scalar) {
        var text = scalar.text();
        if (text.startsWith(RESOURCE)
                && !text.contains("{{")
                && !Files.exists(folder.resolveSibling(text.substring(RESOURCE.length())))) {
            findings.accept(
                    new Finding(file.path(), scalar.line(), "there is no file " + text.substring(RESOURCE.length())));
        }
    }

    /** A bean that is named has to be there. */
    private void bean(YamlFile file, YamlFile.Scalar scalar) {
        var named = REFERENCE.matcher(scalar.text());
        var name = scalar.name().equals("ref") || scalar.name().endsWith("Ref")
                ? scalar.text()
                : scalar.pointer().contains("/parameters/") && named.matches() ? named.group(1) : null;
        if (name != null && !scalar.pointer().contains("/routeConfiguration")) {
            named("bean", name, file, scalar);
        }
        IN_SIMPLE.matcher(scalar.text()).results().forEach(found -> named("bean", found.group(1), file, scalar));
        var uri = scalar.name().equals("uri") ? IN_URI.matcher(scalar.text()) : null;
        if (uri != null && uri.lookingAt()) {
            named(uri.group(1).equals("jdbc") ? "data source" : "bean", uri.group(2), file, scalar);
        }
    }

    private void named(String kind, String name, YamlFile file, YamlFile.Scalar scalar) {
        if (!name.contains("{{") && !isBean.test(name) && !hasOwn(file, name)) {
            findings.accept(new Finding(
                    file.path(),
                    scalar.line(),
                    "there is no %s %s%s".formatted(kind, name, NearMiss.question(name, beans))));
        }
    }

    /** Whether a file brings a bean along, beside its route. */
    private static boolean hasOwn(YamlFile file, String name) {
        return file.tree().findValues("beans").stream()
                .anyMatch(list -> StreamSupport.stream(list.spliterator(), false)
                        .anyMatch(bean -> bean.path("name").asText().equals(name)));
    }

    private void configuration(YamlFile file, YamlFile.Scalar scalar) {
        if (scalar.name().equals("routeConfigurationId")) {
            for (var id : scalar.text().split(",")) {
                if (!id.contains("{{") && !id.contains("*")) {
                    configurationFault(file.path(), id.strip())
                            .ifPresent(fault -> findings.accept(new Finding(file.path(), scalar.line(), fault)));
                }
            }
        }
    }

    /** Each source is loaded by itself: what lies with another one is there too late. */
    private Optional<String> configurationFault(Path file, String id) {
        var place = configurations.get(id);
        if (place == null) {
            return Optional.of("there is no route configuration %s%s"
                    .formatted(id, NearMiss.question(id, configurations.keySet())));
        }
        return !isOfSource(place) || RouteCheck.isSame(place, file)
                ? Optional.empty()
                : Optional.of("the route configuration %s is in %s, among sources: put that file into %s"
                        .formatted(id, place, CONFIGURATIONS));
    }

    private static boolean isOfSource(Path file) {
        return file.getFileName().toString().startsWith("in-")
                || file.getParent() != null && file.getParent().endsWith("sources");
    }

    /** An endpoint's component has to be there, and to know the options that it is given. */
    private void options(YamlFile file, YamlFile.Scalar uri) {
        var scheme = uri.text().replaceFirst("[:?].*", "");
        if (!SCHEME.matcher(scheme).matches() || scheme.equals("kamelet")) {
            return;
        }
        if (!components.has(scheme)) {
            findings.accept(new Finding(
                    file.path(),
                    uri.line(),
                    "there is no component %s in lib/ or ext/%s"
                            .formatted(scheme, NearMiss.question(scheme, components.names()))));
            return;
        }
        var place = uri.pointer().replaceFirst("/uri$", "/parameters");
        file.tree()
                .at(place)
                .properties()
                .forEach(option -> components
                        .fault(scheme, option.getKey(), option.getValue().asText())
                        .ifPresent(fault -> add(file, place + "/" + option.getKey(), fault)));
        for (var option : uri.text().contains("?")
                ? uri.text().replaceFirst("[^?]*\\?", "").split("&")
                : new String[0]) {
            var parts = option.split("=", 2);
            components
                    .fault(scheme, parts[0], parts.length > 1 ? parts[1] : "")
                    .ifPresent(fault -> findings.accept(new Finding(file.path(), uri.line(), fault)));
        }
    }

    private void parameters(YamlFile file, YamlFile.Scalar uri, String name) {
        var kamelet = kamelets.get(name);
        if (kamelet == null) {
            findings.accept(new Finding(
                    file.path(),
                    uri.line(),
                    "there is no kamelet %s in %s%s"
                            .formatted(name, folder, NearMiss.question(name, kamelets.keySet()))));
            return;
        }
        var place = uri.pointer().replaceFirst("/uri$", "/parameters");
        var given = file.tree().at(place);
        var definition = kamelet.tree().at("/spec/definition");
        given.fieldNames().forEachRemaining(parameter -> {
            if (!definition.path("properties").has(parameter)) {
                var known = new HashSet<String>();
                definition.path("properties").fieldNames().forEachRemaining(known::add);
                add(
                        file,
                        place + "/" + parameter,
                        "the kamelet %s has no property %s%s"
                                .formatted(name, parameter, NearMiss.question(parameter, known)));
                return;
            }
            if (given.path(parameter).isContainerNode()) {
                add(file, place + "/" + parameter, parameter + " is no text to YAML: put it into single quotes");
            }
            var text = given.path(parameter).asText();
            if (CUT_SHORT.matcher(text).find()) {
                add(file, place + "/" + parameter, parameter + " has an &, at which it would end: give it as RAW(…)");
            }
            if (RAW_CUT_SHORT.matcher(text).find()) {
                add(file, place + "/" + parameter, parameter + " has )&, at which RAW(…) would end: write %29&");
            }
            if (RouteCheck.PLACEHOLDER.matcher(text).replaceAll("").contains("}}")) {
                add(
                        file,
                        place + "/" + parameter,
                        parameter + " has }} without {{, which would end the name of a setting: write } }");
            }
        });
        definition.path("required").forEach(required -> {
            if (!given.has(required.asText())) {
                add(file, uri.pointer(), "the kamelet %s needs the property %s".formatted(name, required.asText()));
            }
        });
    }

    /** The statement that a step runs has to be there, and the settings that it reads. */
    private void statement(YamlFile file, YamlFile.Scalar scalar) {
        if (!scalar.pointer().endsWith("/parameters/" + RepeatingJdbc.STATEMENT)
                || !file.tree()
                        .at(scalar.pointer().replaceFirst("/parameters/[^/]*$", "/uri"))
                        .asText()
                        .startsWith("jdbc:")) {
            return;
        }
        var name = "routes/sql/%s.sql".formatted(scalar.text());
        var statement = folder.resolve("sql/%s.sql".formatted(scalar.text()));
        if (!Files.exists(statement)) {
            findings.accept(new Finding(file.path(), scalar.line(), "there is no file " + name));
            return;
        }
        try {
            RouteCheck.PLACEHOLDER
                    .matcher(Files.readString(statement))
                    .results()
                    .map(found -> found.group(2))
                    .filter(setting -> !isSetting.test(setting))
                    .forEach(setting -> findings.accept(new Finding(
                            file.path(),
                            scalar.line(),
                            "{{%s}} in %s is no setting: give it a line in application.properties"
                                    .formatted(setting, name))));
        } catch (IOException e) {
            findings.accept(new Finding(file.path(), scalar.line(), name + " cannot be read: " + e.getMessage()));
        }
    }

    private void add(YamlFile file, String pointer, String message) {
        findings.accept(new Finding(file.path(), file.line(pointer), message));
    }
}
