package metrika.conversions.database;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static metrika.conversions.support.Shared.DATABASE;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A statement that PostgreSQL rolls back for another one, as in a deadlock, is run again; a caller is asked to at the
 * last.
 */
class RepeatingJdbcIT {

    /** A name says how often its change is rolled back: what a sequence counts is not rolled back with it. */
    @BeforeEach
    void rollBack() {
        DATABASE.update("create sequence roll_back_runs");
        DATABASE.update("""
            create function roll_back() returns trigger language plpgsql as $$
            begin
              if nextval('roll_back_runs') <= split_part(new.name, ' ', 2)::int then
                raise exception using errcode = split_part(new.name, ' ', 1), message = 'as if';
              end if;
              return new;
            end
            $$\
            """);
        DATABASE.update(
                "create trigger roll_back before update on webhook for each row when (new.name ~ '^[0-9P]{5} [0-9]+$') "
                        + "execute function roll_back()");
    }

    @AfterEach
    void cleanUp() {
        DATABASE.update("drop trigger roll_back on webhook");
        DATABASE.update("drop function roll_back");
        DATABASE.update("drop sequence roll_back_runs");
    }

    @Test
    void aDeadlockThatPassesIsNotNoticed() {
        var webhook = PRODUCT.webhook(95_001);
        var answer = PRODUCT.patch(webhook.path(), "{\"name\": \"40P01 3\"}");
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(answer.text("name")).isEqualTo("40P01 3");
    }

    @Test
    void oneThatDoesNotIsNoFaultOfOurs() {
        var webhook = PRODUCT.webhook(95_002);
        for (var state : new String[] {"40P01", "40001", "55P03"}) {
            var answer = PRODUCT.patch(webhook.path(), "{\"name\": \"" + state + " 1000\"}");
            assertThat(answer.status()).as("%s", answer).isEqualTo(503);
            assertThat(answer.header("Retry-After")).isEqualTo("1");
            assertThat(answer.text("detail")).contains("othing was changed", "again");
        }
        assertThat(PRODUCT.get(webhook.path()).text("name")).isEqualTo("test");
    }
}
