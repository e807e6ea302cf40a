/** Health: what can die in a running process, each as a check of {@code /observe/health}. */
package metrika.conversions.health;
