package metrika.conversions.check;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

import metrika.conversions.settings.ReadableFile;
import metrika.conversions.settings.SettingException;

/** A YAML file as a tree, each place of which knows its line. */
final class YamlFile {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Path path;
    private final JsonNode tree;
    private final Map<String, Integer> lines = new HashMap<>();
    private final List<Scalar> scalars = new ArrayList<>();

    /** A text in the file, with the name it stands under and where, as a JSON pointer. */
    record Scalar(String name, String text, String pointer, int line) {}

    /** The name of a value is no text. */
    private static final class NoNameException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final int line;

        private NoNameException(int line) {
            this.line = line;
        }
    }

    private YamlFile(Path path, Node root) {
        this.path = path;
        tree = convert(root, "", "");
    }

    /** Reads a file; what is not YAML goes to the findings, and gives {@code null}. */
    static YamlFile read(Path path, Consumer<Finding> findings) {
        var fault = ReadableFile.fault(path);
        if (fault != null) {
            findings.accept(new Finding(path, 0, fault));
            return null;
        }
        try {
            var root = new Compose(LoadSettings.builder()
                            .setLabel(path.toString())
                            .setAllowNonScalarKeys(true)
                            .build())
                    .composeString(Files.readString(path));
            if (root.isEmpty()) {
                findings.accept(new Finding(path, 0, "there is nothing in it: give it a route, or another name"));
                return null;
            }
            return new YamlFile(path, root.get());
        } catch (NoNameException e) {
            findings.accept(new Finding(
                    path,
                    e.line,
                    "a name is expected where another { begins: a value such as {{…}} has to stand in quotes"));
        } catch (MarkedYamlEngineException e) {
            findings.accept(new Finding(
                    path,
                    e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0),
                    "this is not YAML: " + e.getProblem()));
        } catch (YamlEngineException e) {
            findings.accept(new Finding(path, 0, "this is not YAML: " + e.getMessage()));
        } catch (StackOverflowError e) {
            findings.accept(new Finding(path, 0, "an alias (*) stands for what it is itself a part of"));
        } catch (IOException e) {
            throw new SettingException("%s cannot be read: %s".formatted(path, e.getMessage()));
        }
        return null;
    }

    Path path() {
        return path;
    }

    JsonNode tree() {
        return tree;
    }

    List<Scalar> scalars() {
        return scalars;
    }

    /** The line of a place, or of the nearest one around it. */
    int line(String pointer) {
        for (var place = pointer; ; place = place.substring(0, place.lastIndexOf('/'))) {
            var line = lines.get(place);
            if (line != null || place.isEmpty()) {
                return line == null ? 1 : line;
            }
        }
    }

    /** The line of the longest name or text that a message holds; 1 when it holds none. */
    int lineSpokenOf(String message) {
        var longest = "";
        var line = 1;
        for (var scalar : scalars) {
            for (var word : List.of(scalar.text(), scalar.name())) {
                if (word.length() > longest.length() && word.length() > 3 && message.contains(word)) {
                    longest = word;
                    line = scalar.line();
                }
            }
        }
        return line;
    }

    private JsonNode convert(Node node, String pointer, String name) {
        var line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
        lines.putIfAbsent(pointer, line);
        if (node instanceof MappingNode mapping) {
            var object = JSON.objectNode();
            mapping.getValue().forEach(entry -> {
                if (!(entry.getKeyNode() instanceof ScalarNode)) {
                    throw new NoNameException(line);
                }
                var key = ((ScalarNode) entry.getKeyNode()).getValue();
                var place = pointer + "/" + key.replace("~", "~0").replace("/", "~1");
                lines.put(
                        place,
                        entry.getKeyNode()
                                .getStartMark()
                                .map(mark -> mark.getLine() + 1)
                                .orElse(line));
                object.set(key, convert(entry.getValueNode(), place, key));
            });
            return object;
        }
        if (node instanceof SequenceNode sequence) {
            var array = JSON.arrayNode();
            for (var item : sequence.getValue()) {
                array.add(convert(item, pointer + "/" + array.size(), name));
            }
            return array;
        }
        var text = ((ScalarNode) node).getValue();
        scalars.add(new Scalar(name, text, pointer, line));
        var tag = node.getTag();
        return tag.equals(Tag.INT)
                ? JSON.numberNode(new BigInteger(text))
                : tag.equals(Tag.FLOAT)
                        ? JSON.numberNode(Double.parseDouble(text))
                        : tag.equals(Tag.BOOL)
                                ? JSON.booleanNode(Boolean.parseBoolean(text))
                                : tag.equals(Tag.NULL) ? JSON.nullNode() : JSON.textNode(text);
    }
}
