package metrika.conversions.support;

import java.util.UUID;

import static org.awaitility.Awaitility.await;

/** News in a database, for channels of a product to tell. */
public record News(TestDatabase database) {

    /** Has a channel run once, so that it tells of what happens from now on. */
    public void awaitChannel(String name) {
        await().until(() ->
                !database.query("select from channel where name = ?", name).isEmpty());
    }

    /** Something that needs a person. */
    public UUID incident() {
        return database.value("""
                insert into event (type, data) values ('incident.opened',
                  '{"incident_id": "i", "kind": "token_lost", "since": "2025-07-01T09:00:00Z", "webhook_name": "Магазин"}')
                returning id\
                """);
    }

    /** Waits until it is told, or given up. */
    public void awaitState(String channel, UUID event, String state) {
        await().until(() -> !database.query(
                        "select from event_delivery where channel = ? and event_id = ? and state = ?",
                        channel,
                        event,
                        state)
                .isEmpty());
    }
}
