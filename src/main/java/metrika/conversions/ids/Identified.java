package metrika.conversions.ids;

import java.util.UUID;

/** What has an id of ours, such as a webhook or a batch. */
public interface Identified {

    /** Its id; {@code null} when nothing was stored under one. */
    UUID id();
}
