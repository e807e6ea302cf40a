package metrika.conversions;

/** Each connector that comes with the product does with its samples what is written down beside them. */
class ShippedConnectorsTest extends ConnectorTestSupport {}
