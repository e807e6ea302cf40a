/** News of incidents and of batches, told on channels: the steps of the kamelet {@code channel}, and the texts. */
package metrika.conversions.channels;
