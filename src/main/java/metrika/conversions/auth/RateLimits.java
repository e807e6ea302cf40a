package metrika.conversions.auth;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

import org.apache.camel.Exchange;

import metrika.conversions.problem.ProblemException;
import metrika.conversions.steps.NonBlocking;
import metrika.conversions.text.Counted;

/**
 * Holds each webhook to its requests a minute, over the last sixty seconds and all processes. Only callers with the
 * right secret are counted, so a stranger cannot use up a sender's limit, and there is one counter for each webhook at
 * most.
 *
 * <p>Each process counts for itself. What it has counted goes to the database with the statement that stores
 * conversions, which also holds the request against what the other processes have counted, and brings that back. So no
 * request costs a round trip more; requests that are being committed at the same moment do not see each other.
 */
public final class RateLimits {

    /** A minute, by the second. */
    private static final int SECONDS = 60;

    private final UUID process = UUID.randomUUID();
    private final Map<UUID, Window> windows = new ConcurrentHashMap<>();
    private final LongSupplier clock;

    public RateLimits() {
        this(() -> System.nanoTime() / 1_000_000_000L);
    }

    /** @param clock seconds that never go back */
    RateLimits(LongSupplier clock) {
        this.clock = clock;
    }

    /** Stands for this process, from its start to its end. */
    public UUID process() {
        return process;
    }

    /**
     * Counts the request of the variable {@code webhook}, and leaves the variable {@code requests-in-window}: how many
     * this process has counted in the last minute, with this one.
     *
     * @throws ProblemException 429 when the webhook has had its requests of the last minute; it is then not counted
     * @throws IllegalStateException when nobody has been let in to a webhook yet
     */
    @NonBlocking
    public void countRequest(Exchange exchange) {
        if (!(exchange.getVariable(Authenticator.WEBHOOK) instanceof Webhook webhook)) {
            throw new IllegalStateException("rateLimits.countRequest finds no webhook whose request it counts: let"
                    + " authenticator.authorizeSource come before it");
        }
        exchange.setVariable("requests-in-window", take(webhook));
    }

    int take(Webhook webhook) {
        var window = window(webhook.id());
        var place = window.take(clock.getAsLong(), webhook.requestsPerMinute());
        if (place == 0) {
            throw limited(webhook, window);
        }
        return place;
    }

    /**
     * What this process has counted of a webhook: PostgreSQL's form of an array, of which the n-th is of n seconds ago.
     */
    public String counted(UUID webhook) {
        return window(webhook).counted(clock.getAsLong());
    }

    /** Takes note of what the other processes have counted of a webhook: so many requests so many seconds ago. */
    public void others(UUID webhook, Integer[] ages, Integer[] requests) {
        window(webhook).others(clock.getAsLong(), ages, requests);
    }

    /** Takes note that no other process has counted a request of a webhook. */
    public void alone(UUID webhook) {
        others(webhook, new Integer[0], new Integer[0]);
    }

    /**
     * For a request that was counted here, and is one too many with those of the other processes: it is not counted any
     * more.
     *
     * @return 429
     */
    public ProblemException tooMany(Webhook webhook) {
        var window = window(webhook.id());
        window.giveBack(clock.getAsLong());
        return limited(webhook, window);
    }

    /** Forgets all other webhooks. */
    public void keep(Set<UUID> webhooks) {
        windows.keySet().retainAll(webhooks);
    }

    private Window window(UUID webhook) {
        return windows.computeIfAbsent(webhook, id -> new Window());
    }

    private ProblemException limited(Webhook webhook, Window window) {
        var pause = window.pause(clock.getAsLong(), webhook.requestsPerMinute());
        return ProblemException.of(
                        429,
                        "More than %s in a minute: come again in %d s, or send more conversions in each"
                                .formatted(Counted.of(webhook.requestsPerMinute(), "request"), pause))
                .retryAfter(Duration.ofSeconds(pause));
    }

    /**
     * The requests of the last sixty seconds, counted by the second: those of this process, and those of the others.
     */
    private static final class Window {

        private final int[] own = new int[SECONDS];
        private final int[] others = new int[SECONDS];
        /** The second that the counts are up to. */
        private long last;
        /** The second in which the database was last asked for those of the others. */
        private long askedOthers;

        /**
         * Counts a request, unless there is no place left: then it answers 0. Others may have given places back that
         * they had taken at the same moment, so that by their counts alone not all are refused here: one now and then
         * is left to the database to judge.
         */
        synchronized int take(long now, int limit) {
            moveTo(now);
            var counted = sum(own);
            if (counted + sum(others) >= limit) {
                if (counted >= limit || now - askedOthers <= 1) {
                    return 0;
                }
                askedOthers = now;
            }
            own[slot(now)]++;
            return counted + 1;
        }

        synchronized void giveBack(long now) {
            moveTo(now);
            for (long second = now; second > now - SECONDS; second--) {
                if (own[slot(second)] > 0) {
                    own[slot(second)]--;
                    return;
                }
            }
        }

        synchronized String counted(long now) {
            moveTo(now);
            var counts = new int[SECONDS];
            var length = 0;
            for (int age = 0; age < SECONDS; age++) {
                counts[age] = own[slot(now - age)];
                length = counts[age] > 0 ? age + 1 : length;
            }
            return Arrays.stream(counts, 0, length)
                    .mapToObj(String::valueOf)
                    .collect(Collectors.joining(",", "{", "}"));
        }

        synchronized void others(long now, Integer[] ages, Integer[] requests) {
            moveTo(now);
            askedOthers = now;
            Arrays.fill(others, 0);
            for (int i = 0; i < ages.length; i++) {
                others[slot(now - ages[i])] = requests[i];
            }
        }

        /** Seconds until enough of what was counted is a minute old that the next request has a place. */
        synchronized int pause(long now, int limit) {
            moveTo(now);
            var tooMany = sum(own) + sum(others) - limit + 1;
            for (int age = SECONDS - 1; age > 0 && tooMany > 0; age--) {
                tooMany -= own[slot(now - age)] + others[slot(now - age)];
                if (tooMany <= 0) {
                    return SECONDS - age;
                }
            }
            return tooMany > 0 ? SECONDS : 1;
        }

        private void moveTo(long now) {
            for (long second = Math.max(last + 1, now - SECONDS + 1); second <= now; second++) {
                own[slot(second)] = 0;
                others[slot(second)] = 0;
            }
            last = Math.max(last, now);
        }

        private static int sum(int[] counts) {
            var sum = 0;
            for (int count : counts) {
                sum += count;
            }
            return sum;
        }

        private static int slot(long second) {
            return (int) Math.floorMod(second, (long) SECONDS);
        }
    }
}
