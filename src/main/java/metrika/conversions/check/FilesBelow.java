package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

import metrika.conversions.settings.ReadableFile;
import metrika.conversions.settings.SettingException;

/**
 * The files of a folder and of all folders in it, but for hidden folders: Kubernetes keeps the files of a ConfigMap in
 * such.
 */
public final class FilesBelow {

    private FilesBelow() {}

    /**
     * All files whose name has an ending, in the order of their paths; none where there is no such folder.
     *
     * @throws SettingException when a folder cannot be read
     */
    public static List<Path> of(Path folder, String ending) {
        var found = new ArrayList<Path>();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    var name = directory.getFileName().toString();
                    if (!directory.equals(folder) && name.endsWith(ending)) {
                        found.add(directory); // to be told that it is none
                    }
                    return directory.equals(folder) || !name.startsWith(".")
                            ? FileVisitResult.CONTINUE
                            : FileVisitResult.SKIP_SUBTREE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (file.toString().endsWith(ending)) {
                        found.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new SettingException("%s cannot be read: %s".formatted(folder, ReadableFile.reason(folder, e)));
        }
        found.sort(null);
        return found;
    }

    /**
     * What is wrong with such files: those that are no text.
     *
     * @throws SettingException when the folder itself cannot be read
     */
    public static List<Finding> unreadable(Path folder, String ending) {
        if (!Files.isDirectory(folder)) {
            throw new SettingException("%s cannot be read: %s".formatted(folder, ReadableFile.reason(folder, null)));
        }
        var findings = new ArrayList<Finding>();
        for (var file : of(folder, ending)) {
            var fault = ReadableFile.fault(file);
            if (fault != null) {
                findings.add(new Finding(file, 0, fault));
            }
        }
        return findings;
    }
}
