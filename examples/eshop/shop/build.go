package shop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/examples/eshop/basket"
	"github.com/cairndb/cairn/examples/eshop/catalogue"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/inventory"
	"github.com/cairndb/cairn/examples/eshop/notification"
	"github.com/cairndb/cairn/examples/eshop/order"
	"github.com/cairndb/cairn/examples/eshop/payment"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/process"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/examples/eshop/reviews"
	"github.com/cairndb/cairn/examples/eshop/storefront"
	"github.com/cairndb/cairn/timer"
)

// Names are the services, in the order in which one would explain them.
var Names = []string{"storefront", "catalogue", "basket", "reviews", "order", "process", "payment", "inventory", "notification"}

// Options are what the services of a process stand on. Store is for those that
// keep events, DB for those that have tables, which are most.
type Options struct {
	Store   cairn.Store
	DB      *platform.Database
	Bus     platform.Bus
	Network *platform.Network

	// Baskets are where the baskets are. Nil means tables of DB.
	Baskets basket.Store

	// Documents are where the reviews are. Nil means tables of DB.
	Documents reviews.Documents

	Window  string        // the address of the store's web UI, for links
	Timeout time.Duration // of a payment; zero is what the process says
	Slow    time.Duration // how long a slow payment takes; zero is what payment says
	First   int           // stock of a new product; zero is what the inventory says
	Clock   timer.Clock   // nil means the system's
	Logger  *slog.Logger  // nil means slog.Default
}

// A Shop is some of the services, or all.
type Shop struct {
	o          Options
	names      []string
	services   map[string]platform.Service
	listeners  map[string]net.Listener
	publishers []broker.Publisher
}

// New makes services by their names; all of them if none are given. Requests to
// them wait until [Shop.Run], which must be called.
func New(ctx context.Context, o Options, names ...string) (*Shop, error) {
	o.Logger = cmp.Or(o.Logger, slog.Default())
	if len(names) == 0 {
		names = Names
	}
	s := &Shop{o: o, names: names, services: map[string]platform.Service{}, listeners: map[string]net.Listener{}}
	for _, name := range names {
		service, err := s.make(ctx, name)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", name, err), s.close(ctx))
		}
		s.services[name], s.listeners[name] = service, o.Network.Listen(name)
	}
	return s, nil
}

// Service is one of them; nil if it is not among them.
func (s *Shop) Service(name string) platform.Service { return s.services[name] }

// make makes one service. Those that are event-sourced open what they hear and say
// with by themselves; the others are given it.
func (s *Shop) make(ctx context.Context, name string) (platform.Service, error) {
	o := &s.o
	switch name {
	case "order":
		return order.New(order.Options{Store: o.Store, DB: o.DB, Bus: o.Bus, Logger: o.Logger})
	case "process":
		return process.New(process.Options{Store: o.Store, Bus: o.Bus, Timeout: o.Timeout, Clock: o.Clock, Logger: o.Logger})
	case "payment":
		po := payment.Options{Store: o.Store, Bus: o.Bus, Slow: o.Slow, Logger: o.Logger}
		if o.Clock != nil {
			po.Now = o.Clock.Now
		}
		return payment.New(po)
	case "inventory":
		return inventory.New(inventory.Options{Store: o.Store, DB: o.DB, Bus: o.Bus, First: o.First, Logger: o.Logger})
	case "catalogue":
		return s.catalogue(ctx)
	case "basket":
		return s.basket(ctx)
	case "reviews":
		return s.reviews(ctx)
	case "notification":
		return s.notification(ctx)
	case "storefront":
		return storefront.New(storefront.Options{Service: s.ask, Window: o.Window, Logger: o.Logger})
	}
	return nil, fmt.Errorf("there is no such service; there are %v", Names)
}

// ask is how the storefront reaches a service, wherever it runs.
func (s *Shop) ask(name string) *rest.Client {
	return &rest.Client{Name: name, URL: s.o.Network.URL(name), HTTP: s.o.Network.Client()}
}

func (s *Shop) publisher() (broker.Publisher, error) {
	p, err := s.o.Bus.Publisher()
	if err == nil {
		s.publishers = append(s.publishers, p)
	}
	return p, err
}

// hears opens what brings a topic to a service that keeps no events.
func (s *Shop) hears(ctx context.Context, service, topic string) (broker.Subscriber, error) {
	sub, err := s.o.Bus.Subscriber(topic, service)
	if err == nil {
		platform.NoteHearing(ctx, s.o.Store, s.o.Logger, service, topic, broker.ViaOf(sub))
	}
	return sub, err
}

// says opens what takes the integration events of such a service to others.
func (s *Shop) says(ctx context.Context, service string, contracts ...func() (*broker.Contract, error)) (broker.Publisher, error) {
	p, err := s.publisher()
	if err != nil {
		return nil, err
	}
	var types, topics []string
	for _, by := range contracts {
		c, err := by()
		if err != nil {
			return nil, err
		}
		for _, t := range c.Types() {
			types, topics = append(types, t.Name), append(topics, t.Topic)
		}
	}
	platform.Note(ctx, s.o.Store, s.o.Logger, service+"-outbox", component.About{
		Kind: "outbox", Service: service, Via: broker.ViaOf(p), Tells: component.Names(topics), Types: component.Names(types),
	})
	return p, nil
}

func (s *Shop) catalogue(ctx context.Context) (platform.Service, error) {
	hears, err := s.hears(ctx, "catalogue", contract.Process)
	if err != nil {
		return nil, err
	}
	says, err := s.says(ctx, "catalogue", contract.ByCatalogue, contract.ByValidation)
	if err != nil {
		return nil, err
	}
	return catalogue.New(catalogue.Options{DB: s.o.DB.DB, Dialect: s.o.DB.Dialect, Subscriber: hears, Publisher: says, Logger: s.o.Logger})
}

func (s *Shop) basket(ctx context.Context) (platform.Service, error) {
	baskets := s.o.Baskets
	if baskets == nil {
		var err error
		if baskets, err = basket.SQL(ctx, s.o.DB.DB); err != nil {
			return nil, err
		}
	}
	return basket.New(basket.Options{Store: baskets, Logger: s.o.Logger})
}

func (s *Shop) reviews(ctx context.Context) (platform.Service, error) {
	documents := s.o.Documents
	if documents == nil {
		var err error
		if documents, err = reviews.SQL(ctx, s.o.DB.DB, s.o.DB.Dialect); err != nil {
			return nil, err
		}
	}
	says, err := s.says(ctx, "reviews", contract.ByReviews)
	if err != nil {
		return nil, err
	}
	return reviews.New(reviews.Options{Documents: documents, Publisher: says, Logger: s.o.Logger})
}

func (s *Shop) notification(ctx context.Context) (platform.Service, error) {
	orders, err := s.hears(ctx, "notification", contract.Orders)
	if err != nil {
		return nil, err
	}
	payments, err := s.hears(ctx, "notification", contract.Payments)
	if err != nil {
		return nil, err
	}
	return notification.New(notification.Options{DB: s.o.DB.DB, Dialect: s.o.DB.Dialect, Orders: orders, Payments: payments, Logger: s.o.Logger})
}
