/**
 * What sources bring in, as rows: CSV and JSON files of any size, read as streams and stored chunk by chunk;
 * attachments of mails; forms, JSON, XML and CSV over HTTP; Kafka messages.
 *
 * <p>{@link metrika.conversions.sources.FileImportSteps} has the steps of the route {@code store-file}.
 */
package metrika.conversions.sources;
