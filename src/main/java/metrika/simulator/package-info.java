/**
 * Yandex Metrika's offline conversions API as a real HTTP server, for the profile dev and for tests.
 *
 * <p>What it takes, refuses and answers follows Metrika's public documentation. Where the documentation is silent,
 * {@link metrika.simulator.SimulatorSettings} has a switch, so that a client can be tried both ways. What goes wrong on
 * the way to a real service is played by {@link metrika.simulator.Fault}s.
 */
package metrika.simulator;
