package metrika.conversions.pull;

import java.nio.file.Path;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.apache.camel.spi.Registry;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/**
 * Other databases, which sources read: {@code data-source.<name>.url}, {@code .username} and {@code .password} make a
 * pool under that name. It connects when it is asked for a connection, so that a database that is away keeps nobody
 * from starting.
 */
public final class DataSources implements AutoCloseable {

    private static final String PREFIX = "data-source.";
    private static final String URL = ".url";
    private static final int MAX_CONNECTIONS = 2;
    private static final long CONNECT_MILLIS = 10_000;
    /** The databases that surely have the isolation READ COMMITTED. */
    private static final List<String> WITH_READ_COMMITTED =
            List.of("jdbc:postgresql:", "jdbc:mysql:", "jdbc:mariadb:", "jdbc:sqlserver:", "jdbc:oracle:");

    private final List<HikariDataSource> pools = new ArrayList<>();
    private final Map<String, String> faults = new TreeMap<>();

    /**
     * Binds all that the settings name. One that cannot be had is missing to the sources that read it, not to others.
     */
    public DataSources(Settings settings, Registry registry) {
        for (var setting : settings.names(PREFIX)) {
            if (setting.endsWith(URL)) {
                var name = setting.substring(PREFIX.length(), setting.length() - URL.length());
                try {
                    bind(settings, registry, setting, name);
                } catch (SettingException e) {
                    faults.put(name, e.getMessage());
                } catch (RuntimeException e) { // of the pool's own checks, or of a driver
                    faults.put(name, "%s cannot be used: %s".formatted(setting, e.getMessage()));
                }
            }
        }
    }

    /** Why databases cannot be had, by their names. */
    public Map<String, String> faults() {
        return faults;
    }

    /** Which settings to look at when a database lets nobody in, and whether it has got no password at all. */
    static String hint(String name, Object pool) {
        var isEmpty = pool instanceof HikariDataSource source
                && (source.getPassword() == null || source.getPassword().isEmpty())
                && !source.getJdbcUrl().contains("password=");
        return isEmpty
                ? ": data-source.%s.password is empty".formatted(name)
                : ": see data-source.%1$s.username and data-source.%1$s.password".formatted(name);
    }

    private void bind(Settings settings, Registry registry, String setting, String name) {
        if (settings.find(setting) == null) {
            return;
        }
        if (registry.lookupByName(name) != null) {
            throw new SettingException(
                    "%s: the name '%s' is taken by the product itself; choose another one".formatted(setting, name));
        }
        var pool = open(settings, name);
        pools.add(pool);
        registry.bind(name, pool);
    }

    private static HikariDataSource open(Settings settings, String name) {
        var config = new HikariConfig();
        config.setPoolName(PREFIX + name);
        var url = settings.find(PREFIX + name + URL);
        config.setJdbcUrl(url);
        config.setDriverClassName(driver(PREFIX + name + URL, url));
        config.setUsername(settings.find(PREFIX + name + ".username"));
        config.setPassword(settings.find(PREFIX + name + ".password"));
        if (WITH_READ_COMMITTED.stream().anyMatch(url::startsWith)) {
            // Else Hikari asks the first connection, and if that one breaks meanwhile, never makes another one
            config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        }
        config.setMaximumPoolSize(MAX_CONNECTIONS);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(CONNECT_MILLIS);
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    /** The class of the driver that takes an address: that of a jar in {@code ext/} no DriverManager finds. */
    private static String driver(String setting, String url) {
        try {
            for (var driver : ServiceLoader.load(Driver.class)) {
                if (driver.acceptsURL(url)) {
                    return driver.getClass().getName();
                }
            }
        } catch (SQLException e) {
            throw new SettingException("%s is no address: %s".formatted(setting, e.getMessage()));
        }
        throw new SettingException("%s is no address that a driver here takes: put the jar of its driver into %s"
                .formatted(setting, Path.of("ext").toAbsolutePath()));
    }

    @Override
    public void close() {
        pools.forEach(HikariDataSource::close);
    }
}
