package metrika.conversions;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The manifests are such as Kubernetes takes, and tell the truth about the product. The overlays are rendered where
 * there is a kubectl; the rest is checked everywhere.
 */
class KubernetesTest {

    private static final Path BASE = Path.of("kubernetes", "base");
    private static final String CLOUDNATIVE_PG = "cloudnative-pg";
    private static final String GIVEN_DATABASE = "given-database";
    private static final Path ROUTES = Path.of("routes");
    private static final String LIST = "kustomization.yaml";
    /** After SIGTERM, as docs/deployment.md has it. */
    private static final int STOPS_WITHIN_SECONDS = 15;
    /** What kubectl apply keeps in an annotation beside the object; all annotations have this together. */
    private static final int ANNOTATIONS = 262_144;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    // --- Routes ---

    @Test
    void theRoutesInTheClusterAreTheFilesThatThereAre() throws Exception {
        assertThat(output("bash", "kubernetes/list-routes"))
                .as("made anew by: kubernetes/list-routes > routes/kustomization.yaml")
                .isEqualTo(Files.readString(ROUTES.resolve(LIST)));
    }

    @Test
    void theInitContainerPutsEachRouteBackIntoItsFolder(@TempDir Path cluster) throws Exception {
        var component = yaml(ROUTES.resolve(LIST));
        var patch = yaml(component.at("/patches/0/patch").textValue()).at("/spec/template/spec");
        var maps = new TreeMap<String, List<String>>();
        component
                .get("configMapGenerator")
                .forEach(map -> maps.put(map.get("name").textValue(), texts(map.get("files"))));
        var volumes = new TreeMap<String, String>();
        patch.get("volumes")
                .forEach(volume -> volumes.put(
                        volume.get("name").textValue(),
                        volume.at("/configMap/name").textValue()));
        assertThat(volumes.values()).containsExactlyInAnyOrderElementsOf(maps.keySet());

        var mounted = cluster.resolve("mounted");
        for (var mount : patch.at("/initContainers/0/volumeMounts")) {
            var folder = cluster.resolve(mount.get("mountPath").textValue().substring(1));
            mountAsKubernetesDoes(folder, maps.get(volumes.get(mount.get("name").textValue())));
        }
        var app = Files.createDirectories(cluster.resolve("app"));
        var command = initContainer(deployment()).getCommand();
        var script = command.get(command.size() - 1)
                .replace("/mounted", mounted.toString())
                .replace("/app", app.toString());
        output(command.get(0), command.get(1), script);

        assertThat(texts(app.resolve("routes"))).hasSizeGreaterThan(100).isEqualTo(texts(ROUTES));
    }

    /** The files of a ConfigMap are links to links into a folder, which is another one after each change. */
    private static void mountAsKubernetesDoes(Path folder, List<String> files) throws IOException {
        var data = Files.createDirectories(folder.resolve("..2026_01_01_00_00_00.1"));
        Files.createSymbolicLink(folder.resolve("..data"), data.getFileName());
        for (var file : files) {
            var name = Path.of(file).getFileName();
            Files.copy(ROUTES.resolve(file), data.resolve(name));
            Files.createSymbolicLink(folder.resolve(name), Path.of("..data").resolve(name));
        }
    }

    /** All that is in a folder and for the cluster, by its path. */
    private static Map<String, String> texts(Path folder) throws IOException {
        var texts = new TreeMap<String, String>();
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var path = folder.relativize(file).toString();
                if (!path.equals(LIST) && !path.contains(".test/")) {
                    texts.put(path, Files.readString(file));
                }
            }
        }
        return texts;
    }

    // --- Schemas ---

    static Stream<Path> manifests() throws IOException {
        try (var files = Files.walk(Path.of("kubernetes"))) {
            return files
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .filter(file ->
                            !file.endsWith(LIST) && (file.startsWith(BASE) || !file.endsWith("deployment.yaml")))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void manifestsKeepToTheSchemas(Path manifest) throws IOException {
        assertKeepsToSchema(yaml(manifest));
    }

    @Test
    void theSchemasRefuseWhatIsNotInThem() throws IOException {
        var text = Files.readString(BASE.resolve("deployment.yaml"));
        assertThat(faults(yaml(text))).isEmpty();
        assertThat(faults(yaml(text.replace("periodSeconds:", "periodSecs:"))))
                .singleElement()
                .asString()
                .contains("`periodSecs`", "V1Probe");
        assertThat(faults(yaml(text.replace("replicas: 2", "replicas: two"))))
                .singleElement()
                .asString()
                .contains("two");
        var cluster = Files.readString(Path.of("kubernetes", CLOUDNATIVE_PG, "cluster.yaml"));
        assertThat(faults(yaml(cluster.replace("instances:", "replicas:")))).hasSize(2);
    }

    private static void assertKeepsToSchema(JsonNode resource) throws IOException {
        assertThat(faults(resource))
                .as("%s %s", resource.get("kind"), resource.at("/metadata/name"))
                .isEmpty();
    }

    private static List<String> faults(JsonNode resource) throws IOException {
        if (resource.get("apiVersion").textValue().equals("postgresql.cnpg.io/v1")) {
            try (var schema =
                    KubernetesTest.class.getResourceAsStream("/kubernetes/cloudnative-pg-cluster.schema.json")) {
                return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4)
                        .getSchema(schema)
                        .validate(resource)
                        .stream()
                        .map(Object::toString)
                        .toList();
            }
        }
        var element = JsonParser.parseString(resource.toString());
        try {
            model(resource).check(element);
            return List.of();
        } catch (RuntimeException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    /** A class of Kubernetes' Java client, made from the published schemas. */
    private record Model(Class<?> type, Schema schema) {

        void check(JsonElement resource) throws IOException {
            schema.check(resource);
            JSON.getGson().fromJson(resource, type);
        }
    }

    private interface Schema {

        void check(JsonElement resource) throws IOException;
    }

    private static Model model(JsonNode resource) {
        var kind = resource.get("apiVersion").textValue() + " "
                + resource.get("kind").textValue();
        return switch (kind) {
            case "apps/v1 Deployment" -> new Model(V1Deployment.class, V1Deployment::validateJsonElement);
            case "v1 Service" -> new Model(V1Service.class, V1Service::validateJsonElement);
            case "v1 ConfigMap" -> new Model(V1ConfigMap.class, V1ConfigMap::validateJsonElement);
            case "networking.k8s.io/v1 NetworkPolicy" ->
                new Model(V1NetworkPolicy.class, V1NetworkPolicy::validateJsonElement);
            case "policy/v1 PodDisruptionBudget" ->
                new Model(V1PodDisruptionBudget.class, V1PodDisruptionBudget::validateJsonElement);
            default -> throw new IllegalArgumentException("No schema is known of " + kind);
        };
    }

    // --- The product ---

    @Test
    void portsAndProbesAreThoseOfTheSettings() throws IOException {
        var settings = settings();
        var ports = new TreeMap<String, String>();
        product(deployment())
                .getPorts()
                .forEach(port ->
                        ports.put(port.getName(), port.getContainerPort().toString()));
        assertThat(ports)
                .isEqualTo(Map.of(
                        "http",
                        settings.getProperty("http.port"),
                        "management",
                        settings.getProperty("management.port")));

        var product = product(deployment());
        assertThat(probe(product.getStartupProbe())).isEqualTo("management/observe/health/live");
        assertThat(probe(product.getLivenessProbe())).isEqualTo("management/observe/health/live");
        assertThat(probe(product.getReadinessProbe())).isEqualTo("management/observe/health/ready");
        assertThat(read(BASE.resolve("settings.env")).getProperty("MANAGEMENT_HOST"))
                .as("where the kubelet asks")
                .isEqualTo("0.0.0.0");

        var service = as(V1Service.class, BASE.resolve("service.yaml")).getSpec();
        assertThat(service.getPorts())
                .as("never the management port")
                .singleElement()
                .satisfies(
                        port -> assertThat(port.getTargetPort().getStrValue()).isEqualTo("http"));
        assertThat(as(V1NetworkPolicy.class, BASE.resolve("network-policy.yaml"))
                        .getSpec()
                        .getIngress())
                .filteredOn(rule -> rule.getFrom() == null || rule.getFrom().isEmpty())
                .as("for everyone")
                .singleElement()
                .satisfies(rule -> assertThat(rule.getPorts())
                        .singleElement()
                        .satisfies(
                                port -> assertThat(port.getPort().getStrValue()).isEqualTo("http")));
    }

    private static String probe(V1Probe probe) {
        return probe.getHttpGet().getPort().getStrValue() + probe.getHttpGet().getPath();
    }

    @Test
    void selectorsFindThePods() throws IOException {
        var labels = deployment().getSpec().getTemplate().getMetadata().getLabels();
        assertThat(deployment().getSpec().getSelector().getMatchLabels()).isEqualTo(labels);
        assertThat(as(V1Service.class, BASE.resolve("service.yaml")).getSpec().getSelector())
                .isEqualTo(labels);
        assertThat(as(V1NetworkPolicy.class, BASE.resolve("network-policy.yaml"))
                        .getSpec()
                        .getPodSelector()
                        .getMatchLabels())
                .isEqualTo(labels);
        assertThat(as(V1PodDisruptionBudget.class, BASE.resolve("pod-disruption-budget.yaml"))
                        .getSpec()
                        .getSelector()
                        .getMatchLabels())
                .isEqualTo(labels);
        assertThat(deployment().getSpec().getTemplate().getSpec().getTopologySpreadConstraints())
                .hasSize(2)
                .allSatisfy(spread ->
                        assertThat(spread.getLabelSelector().getMatchLabels()).isEqualTo(labels));
        assertThat(deployment().getSpec().getReplicas()).isGreaterThan(1);
    }

    @Test
    void podsRunWithoutRights() throws IOException {
        var pod = deployment().getSpec().getTemplate().getSpec();
        var dockerfile = Files.readAllLines(Path.of("Dockerfile"));
        assertThat(dockerfile)
                .contains("USER %d:%d"
                        .formatted(
                                pod.getSecurityContext().getRunAsUser(),
                                pod.getSecurityContext().getRunAsGroup()));
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(Stream.of(pod.getInitContainers(), pod.getContainers()).flatMap(List::stream))
                .hasSize(2)
                .allSatisfy(container -> {
                    var context = container.getSecurityContext();
                    assertThat(context.getReadOnlyRootFilesystem()).isTrue();
                    assertThat(context.getAllowPrivilegeEscalation()).isFalse();
                    assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
                    assertThat(context.getPrivileged()).isNull();
                    assertThat(container.getResources().getLimits()).containsKey("memory");
                });
        var folder = dockerfile.get(dockerfile.lastIndexOf("WORKDIR /app")).replace("WORKDIR ", "");
        assertThat(product(deployment()).getVolumeMounts())
                .anySatisfy(mount -> {
                    assertThat(mount.getMountPath()).isEqualTo(folder + "/routes");
                    assertThat(mount.getReadOnly()).isTrue();
                })
                .anySatisfy(mount ->
                        assertThat(mount.getMountPath()).as("java.io.tmpdir").isEqualTo("/tmp"));
        assertThat(pod.getVolumes())
                .allSatisfy(volume ->
                        assertThat(volume.getEmptyDir().getSizeLimit()).isNotNull());
    }

    @Test
    void aPodHasTheTimeToStop() throws IOException {
        var pod = deployment().getSpec().getTemplate().getSpec();
        var waits = product(deployment()).getLifecycle().getPreStop().getSleep().getSeconds();
        assertThat(waits).isPositive();
        assertThat(pod.getTerminationGracePeriodSeconds()).isGreaterThanOrEqualTo(waits + STOPS_WITHIN_SECONDS);
    }

    @Test
    void theDatabaseHasAConnectionForAllPods() throws IOException {
        var cluster = yaml(Path.of("kubernetes", CLOUDNATIVE_PG, "cluster.yaml"));
        var max = Integer.parseInt(
                cluster.at("/spec/postgresql/parameters/max_connections").textValue());
        var deployment = deployment().getSpec();
        var pods = deployment.getReplicas()
                + deployment.getStrategy().getRollingUpdate().getMaxSurge().getIntValue();
        var ofPod = 19 + 2 * Integer.parseInt(settings().getProperty("upload.parallel"));
        assertThat(max).isGreaterThan(pods * ofPod);
    }

    @Test
    void variablesAreSettings() throws IOException {
        var known = settings().stringPropertyNames().stream()
                .map(KubernetesTest::variable)
                .collect(Collectors.toSet());
        assertThat(read(BASE.resolve("settings.env")).stringPropertyNames())
                .isNotEmpty()
                .isSubsetOf(known)
                .as("a secret is no setting for a ConfigMap")
                .noneMatch(KubernetesTest::isSecret);
        assertThat(matches("(?m)^#?([A-Z_]+)=", Files.readString(BASE.resolve("settings.env"))))
                .isSubsetOf(known);
        for (var overlay : List.of(CLOUDNATIVE_PG, GIVEN_DATABASE)) {
            var variables =
                    yaml(Path.of("kubernetes", overlay, "deployment.yaml")).at("/spec/template/spec/containers/0/env");
            assertThat(variables).isNotEmpty().allSatisfy(variable -> {
                var name = variable.get("name").textValue();
                assertThat(known).contains(name);
                assertThat(!isSecret(name)
                                || variable.at("/valueFrom/secretKeyRef").isObject())
                        .as(name)
                        .isTrue();
            });
        }
        for (var page : List.of("docs/kubernetes.md", "docs/ru/kubernetes.md")) {
            assertThat(matches("--from-literal=([A-Z_]+)=", Files.readString(Path.of(page))))
                    .as(page)
                    .hasSizeGreaterThan(4)
                    .isSubsetOf(known);
        }
    }

    private static String variable(String setting) {
        return setting.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
    }

    private static boolean isSecret(String variable) {
        return Pattern.compile("TOKEN|PASSWORD|SECRET|_KEY|PASSPHRASE|JAAS")
                .matcher(variable)
                .find();
    }

    // --- Overlays ---

    @ParameterizedTest
    @ValueSource(strings = {CLOUDNATIVE_PG, GIVEN_DATABASE})
    void theImageIsOfThisVersion(String overlay) throws IOException {
        var version = matches(
                        "(?s)<artifactId>metrika-conversions</artifactId>\\s*<version>(.*?)</version>",
                        Files.readString(Path.of("pom.xml")))
                .iterator()
                .next();
        var image = yaml(Path.of("kubernetes", overlay, LIST)).at("/images/0");
        assertThat(image.get("name").textValue())
                .isEqualTo(product(deployment()).getImage());
        assertThat(image.get("newTag").asText()).isEqualTo(version.replace("-SNAPSHOT", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {CLOUDNATIVE_PG, GIVEN_DATABASE})
    void overlaysRender(String overlay) throws Exception {
        assumeTrue(isThere("kubectl"), "There is no kubectl that renders");
        var resources = yamls(output("kubectl", "kustomize", "kubernetes/" + overlay));
        for (var resource : resources) {
            assertKeepsToSchema(resource);
        }
        var maps = resources.stream()
                .filter(resource -> resource.get("kind").textValue().equals("ConfigMap"))
                .collect(Collectors.toMap(map -> map.at("/metadata/name").textValue(), Function.identity()));
        var rendered = resources.stream()
                .filter(resource -> resource.get("kind").textValue().equals("Deployment"))
                .toList();
        assertThat(rendered).hasSize(1);
        var deployment = JSON.getGson().fromJson(rendered.get(0).toString(), V1Deployment.class);
        var pod = deployment.getSpec().getTemplate().getSpec();
        var used = pod.getVolumes().stream()
                .filter(volume -> volume.getConfigMap() != null)
                .map(volume -> volume.getConfigMap().getName())
                .collect(Collectors.toList());
        product(deployment).getEnvFrom().stream()
                .filter(source -> source.getConfigMapRef() != null)
                .forEach(source -> used.add(source.getConfigMapRef().getName()));
        assertThat(used).as("by the names with hashes").containsExactlyInAnyOrderElementsOf(maps.keySet());
        assertThat(maps.values())
                .allSatisfy(map -> assertThat(map.toString().getBytes(StandardCharsets.UTF_8).length)
                        .isLessThan(ANNOTATIONS));
        var files = new ArrayList<String>();
        maps.values().forEach(map -> map.get("data").fieldNames().forEachRemaining(files::add));
        assertThat(files)
                .containsAll(texts(ROUTES).keySet().stream()
                        .map(path -> path.replaceFirst(".*/", ""))
                        .toList());
        var mounts = initContainer(deployment).getVolumeMounts().stream()
                .map(mount -> mount.getName())
                .toList();
        assertThat(mounts).contains("app-routes").hasSize(maps.size());
        assertThat(product(deployment).getImage())
                .startsWith("registry.example.com/metrika-conversions:")
                .isEqualTo(initContainer(deployment).getImage());
        assertThat(product(deployment).getEnv())
                .extracting(variable -> variable.getName())
                .containsExactly("DATABASE_URL", "DATABASE_USER", "DATABASE_PASSWORD");
    }

    // --- Reading ---

    private static V1Deployment deployment() throws IOException {
        return as(V1Deployment.class, BASE.resolve("deployment.yaml"));
    }

    private static V1Container product(V1Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec().getContainers().get(0);
    }

    private static V1Container initContainer(V1Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec().getInitContainers().get(0);
    }

    private static <T> T as(Class<T> type, Path file) throws IOException {
        return JSON.getGson().fromJson(yaml(file).toString(), type);
    }

    private static JsonNode yaml(Path file) throws IOException {
        return yaml(Files.readString(file));
    }

    private static JsonNode yaml(String text) {
        var all = yamls(text);
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private static List<JsonNode> yamls(String text) {
        var documents = new Load(LoadSettings.builder().build()).loadAllFromString(text);
        return StreamSupport.stream(documents.spliterator(), false)
                .map(each -> MAPPER.<JsonNode>valueToTree(each))
                .toList();
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::textValue)
                .toList();
    }

    private static Properties settings() throws IOException {
        return read(Path.of("application.properties"));
    }

    private static Properties read(Path file) throws IOException {
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        return properties;
    }

    private static Set<String> matches(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
    }

    private static boolean isThere(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static String output(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
        return output;
    }
}
