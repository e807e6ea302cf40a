/** Metrics: how they are told to whoever reads {@code /observe/metrics}. */
package metrika.conversions.metrics;
