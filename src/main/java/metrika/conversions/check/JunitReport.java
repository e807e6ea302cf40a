package metrika.conversions.check;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Results of tests in the XML that build servers read from JUnit. */
public final class JunitReport {

    private final List<Case> cases = new ArrayList<>();

    private record Case(String connector, String name, Duration time, List<String> differences) {}

    /** Adds a test: one that failed when there are differences. */
    public void add(ConnectorTestCase test, Duration time, List<String> differences) {
        cases.add(new Case(
                test.route().getFileName().toString().replace(RouteCheck.ROUTE, ""),
                test.sample().getFileName().toString(),
                time,
                differences));
    }

    public long failed() {
        return cases.stream().filter(each -> !each.differences().isEmpty()).count();
    }

    public int size() {
        return cases.size();
    }

    /** @throws IOException when the file cannot be written */
    public void write(Path file) throws IOException {
        if (file.toAbsolutePath().getParent() != null) {
            Files.createDirectories(file.toAbsolutePath().getParent());
        }
        try (var stream = Files.newOutputStream(file)) {
            var xml = XMLOutputFactory.newInstance().createXMLStreamWriter(stream, StandardCharsets.UTF_8.name());
            xml.writeStartDocument(StandardCharsets.UTF_8.name(), "1.0");
            xml.writeStartElement("testsuite");
            xml.writeAttribute("name", "connectors");
            xml.writeAttribute("tests", String.valueOf(size()));
            xml.writeAttribute("failures", String.valueOf(failed()));
            xml.writeAttribute("errors", "0");
            xml.writeAttribute("skipped", "0");
            xml.writeAttribute("time", seconds(cases.stream().map(Case::time).reduce(Duration.ZERO, Duration::plus)));
            for (var each : cases) {
                write(xml, each);
            }
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IOException(e);
        }
    }

    private static void write(XMLStreamWriter xml, Case each) throws XMLStreamException {
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", each.connector());
        xml.writeAttribute("name", each.name());
        xml.writeAttribute("time", seconds(each.time()));
        if (!each.differences().isEmpty()) {
            xml.writeStartElement("failure");
            xml.writeAttribute("message", each.differences().get(0));
            xml.writeCharacters(storable(String.join("\n", each.differences())));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    /** XML has no place for most control characters. */
    private static String storable(String text) {
        return text.replaceAll("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]", "\ufffd");
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.3f", time.toMillis() / 1000.0);
    }
}
