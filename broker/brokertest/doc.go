// Package brokertest holds publishers and subscribers, and what is built on
// them, to the promises of package broker, whatever the broker does meanwhile.
//
//	func TestBroker(t *testing.T) {
//		brokertest.Run(t, brokertest.Config{
//			Open: func(t testing.TB) brokertest.Broker {
//				proxy := brokertest.NewProxy(t)
//				address := proxy.Address("127.0.0.1:5672")
//				return brokertest.Broker{
//					Topic:      "orders-" + brokertest.Unique(),
//					Publisher:  func(t testing.TB) broker.Publisher { ... },
//					Subscriber: func(t testing.TB, s brokertest.Subscription) broker.Subscriber { ... },
//					Line:       proxy,
//				}
//			},
//			Lacks: []brokertest.Feature{brokertest.Durable},
//		})
//	}
//
// [Run] is for those who make a publisher or a subscriber, [RunRelay] for those
// who want to see a relay into their broker survive. [Proxy] stands between a
// client and any server and cuts, stalls and slows what passes.
package brokertest
