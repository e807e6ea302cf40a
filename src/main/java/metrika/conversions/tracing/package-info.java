/** Traces: what happens to a request and to a file for Metrika, for OpenTelemetry ({@code tracing.*}). */
package metrika.conversions.tracing;
