package shoppers

import (
	"math/rand/v2"
	"net/url"
	"strconv"
)

// An act is one thing that a shopper does.
type act struct {
	verb  verb
	sku   string
	count int    // of the product, or of stars
	text  string // a review, a category
}

type verb int

const (
	browse  verb = iota // the shelves of a category
	look                // at a product
	put                 // so many of it into the basket
	remove              // it from the basket
	leave               // without ordering
	order               // what is in the basket
	watch               // what becomes of the order
	cancel              // the order, if that is still possible
	history             // look at what the order was
	review              // a product that was bought
)

// A plan is what one shopper will do.
type plan struct {
	customer string
	acts     []act
}

// planOf is the plan of a shopper with this number, in a shop that sells these
// products.
func planOf(seed uint64, number int, skus, categories []string) plan {
	r := rand.New(rand.NewPCG(seed, uint64(number)))
	p := plan{customer: pick(r, given) + " " + pick(r, family)}
	if len(skus) == 0 {
		return p
	}
	basket := p.fill(r, skus, categories)
	basket = p.reconsider(r, basket)
	if len(basket) == 0 || chance(r, 20) {
		p.add(act{verb: leave})
		return p
	}
	p.add(act{verb: order}, act{verb: watch})
	switch {
	case chance(r, 6):
		p.add(act{verb: cancel})
	case chance(r, 20):
		p.add(act{verb: history})
	}
	if chance(r, 25) {
		p.add(opinion(r, pick(r, basket)))
	}
	return p
}

func (p *plan) add(a ...act) { p.acts = append(p.acts, a...) }

// fill looks at some products and puts most of them into the basket.
func (p *plan) fill(r *rand.Rand, skus, categories []string) (basket []string) {
	for range 1 + r.IntN(5) {
		if len(categories) > 0 && chance(r, 60) {
			p.add(act{verb: browse, text: pick(r, categories)})
		}
		sku := pick(r, skus)
		p.add(act{verb: look, sku: sku})
		if chance(r, 70) {
			p.add(act{verb: put, sku: sku, count: 1 + r.IntN(3)})
			basket = append(basket, sku)
		}
	}
	return basket
}

// reconsider changes how many there are of one product, or takes it out.
func (p *plan) reconsider(r *rand.Rand, basket []string) []string {
	if len(basket) == 0 || !chance(r, 35) {
		return basket
	}
	sku := pick(r, basket)
	if chance(r, 50) {
		p.add(act{verb: put, sku: sku, count: 1 + r.IntN(4)})
		return basket
	}
	p.add(act{verb: remove, sku: sku})
	var rest []string
	for _, s := range basket {
		if s != sku {
			rest = append(rest, s)
		}
	}
	return rest
}

// opinion is a review. Most people who write one are content.
func opinion(r *rand.Rand, sku string) act {
	stars := []int{1, 2, 3, 4, 4, 5, 5, 5}[r.IntN(8)]
	return act{verb: review, sku: sku, count: stars, text: pick(r, opinions[stars-1])}
}

func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// form is what an act sends, if it sends something.
func (a act) form(customer, order string) url.Values {
	switch a.verb {
	case put:
		return url.Values{"quantity": {strconv.Itoa(a.count)}}
	case remove:
		return url.Values{"quantity": {"0"}}
	case leave, browse, look, watch, history:
		return nil
	case review:
		return url.Values{"customer": {customer}, "stars": {strconv.Itoa(a.count)}, "text": {a.text}}
	}
	return url.Values{"customer": {customer}, "order": {order}}
}
