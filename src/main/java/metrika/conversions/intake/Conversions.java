package metrika.conversions.intake;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Conversions that passed the rules, column by column, as {@code store-batches.sql} takes them. Row {@code n} of the
 * request is element {@code n} of each column; what is not given is {@code null}.
 */
public final class Conversions {

    final List<String> clientIds = new ArrayList<>();
    final List<String> userIds = new ArrayList<>();
    final List<String> yclids = new ArrayList<>();
    final List<String> purchaseIds = new ArrayList<>();
    final List<String> targets = new ArrayList<>();
    final List<Long> dateTimes = new ArrayList<>();
    final List<BigDecimal> prices = new ArrayList<>();
    final List<String> currencies = new ArrayList<>();
    private final Warnings warnings = new Warnings();
    private final List<Integer> dropped = new ArrayList<>();
    private long earliest = Long.MAX_VALUE;
    private long earliestLinkable = Long.MAX_VALUE;
    private long latest = Long.MIN_VALUE;

    void add(String clientId, String userId, String yclid, String purchaseId, String target, long dateTime,
            BigDecimal price, String currency, boolean isLinkable) {
        clientIds.add(clientId);
        userIds.add(userId);
        yclids.add(yclid);
        purchaseIds.add(purchaseId);
        targets.add(target);
        dateTimes.add(dateTime);
        prices.add(price);
        currencies.add(currency);
        earliest = Math.min(earliest, dateTime);
        earliestLinkable = isLinkable ? Math.min(earliestLinkable, dateTime) : earliestLinkable;
        latest = Math.max(latest, dateTime);
    }

    /** Leaves a conversion of the request out, by its place there, from 0. */
    void drop(int index) {
        dropped.add(index);
    }

    public int size() {
        return targets.size();
    }

    /** The oldest {@code date_time} that Metrika can still link, or when it can link none the oldest, in Unix seconds. */
    long earliest() {
        return earliestLinkable == Long.MAX_VALUE ? earliest : earliestLinkable;
    }

    /** When the last {@code date_time} has passed, in Unix seconds: Metrika refuses the future. */
    long pastAt() {
        return latest + 1;
    }

    public Warnings warnings() {
        return warnings;
    }

    /**
     * When the first rows happened, for a dry run: their places in the request, and their times as they were understood.
     *
     * @param most how many
     * @param zone the webhook's
     */
    public List<Map<String, Object>> times(int most, ZoneId zone) {
        var times = new ArrayList<Map<String, Object>>();
        for (int i = 0, index = 0; i < Math.min(most, size()); index++) {
            if (!dropped.contains(index)) {
                var instant = Instant.ofEpochSecond(dateTimes.get(i++));
                var time = new LinkedHashMap<String, Object>();
                time.put("index", index);
                time.put("date_time", DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(instant.atZone(zone)));
                time.put("instant", instant.toString());
                time.put("time_zone", zone.getId());
                times.add(time);
            }
        }
        return times;
    }

    /**
     * The first rows as Metrika would get them, for a dry run: the columns of {@code upload-content.sql}.
     *
     * @param most how many
     */
    public List<Map<String, Object>> preview(int most) {
        var rows = new ArrayList<Map<String, Object>>();
        for (int i = 0; i < Math.min(most, size()); i++) {
            var row = new LinkedHashMap<String, Object>();
            row.put("ClientId", clientIds.get(i));
            row.put("UserId", userIds.get(i));
            row.put("Yclid", yclids.get(i));
            row.put("PurchaseId", purchaseIds.get(i));
            row.put("Target", targets.get(i));
            row.put("DateTime", dateTimes.get(i));
            row.put("Price", prices.get(i) == null ? null : prices.get(i).toPlainString());
            row.put("Currency", currencies.get(i));
            rows.add(row);
        }
        return rows;
    }
}
