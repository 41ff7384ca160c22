package storefront_test

import (
	"bufio"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// One customer, from the shelves to the order as it was.
func TestShopping(t *testing.T) {
	s := open(t)
	b := s.browser(t)
	b.get("/").is(200, "/").has("Scree 2 tent", "€349.00", `href="/?category=Light%20and%20tools"`, "No reviews yet")
	b.get("/?category=Sleep").has("Cirque sleeping bag").hasNot("Scree 2 tent")
	b.get("/?q=gravel").has("Scree 2 tent", "1 product found").hasNot("Cirque")
	b.get("/products/tent-scree-2").has("<h1>Scree 2 tent</h1>", "Nobody has said anything yet")
	b.get("/basket").has("There is nothing in it")

	b.post("/basket/tent-scree-2", "quantity", "2", "more", "1").is(200, "/basket").has("€698.00", "Basket<b>2</b>")
	b.post("/basket/tent-scree-2", "quantity", "1", "more", "1").has("€1,047.00")
	b.post("/basket/map-highlands", "quantity", "1").has("€1,061.95")
	at := b.post("/basket/tent-scree-2", "quantity", "0").hasNot("Scree 2 tent").has("€14.95")

	id := at.orderID()
	b.post("/checkout", "order", id, "customer", "Ann Ødegård").is(200, "/orders/"+id).
		has(id, "allocated", "Map of the northern highlands", "http://127.0.0.1:2113/ui/streams/order-"+id, `data-live="/orders/`+id+`/live"`).
		hasNot("Basket<b>")
	b.post("/checkout", "order", id, "customer", "Ann Ødegård").is(200, "/orders/"+id) // sent twice
	if s.placed != 1 {
		t.Errorf("%d orders were placed", s.placed)
	}
	b.get("/orders").has(`<a href="/orders/`+id+`">`, "allocated")
	b.get("/orders/"+id+"/history").has("The customer placed the order", `max="3"`, "3 of 3", "allocated")
	b.get("/orders/"+id+"/history?at=1").has("1 of 3", `<span class="badge busy">paid</span>`)
	b.get("/orders/" + id + "/then?at=-5").has(`<span class="badge busy">created</span>`).hasNot("<html")
	b.get("/orders/"+id+"/status").has("Together", "Ann Ødegård").hasNot("<html")
	b.post("/orders/"+id+"/cancel").is(200, "/orders/"+id).has(`<span class="badge bad">cancelled</span>`)
}

// What was written is read: every question about orders that follows an order says
// how far the answer must have come.
func TestReadYourWrites(t *testing.T) {
	s := open(t)
	b := s.browser(t)
	id := b.post("/basket/map-highlands", "quantity", "1").orderID()
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	sent := b.post("/checkout", "order", id, "customer", "Ann & Bob")
	if c := strings.Join(sent.header.Values("Set-Cookie"), "\n"); !strings.Contains(c, "position=41; Path=/; Max-Age=60; HttpOnly") {
		t.Errorf("cookies:\n%s", c)
	}
	b.get("/orders/" + id)
	b.get("/orders")
	b.get("/orders/" + id + "/status")
	b.get("/orders/" + id + "/status?after=7")
	b.get("/orders/" + id + "/status?after=43")
	b.get("/orders/" + id + "/status?after=soon")
	for i, want := range []string{
		"cairn-position=41", "customer=Ann+%26+Bob&cairn-position=41", "cairn-position=41",
		"cairn-position=41", "cairn-position=43", "cairn-position=41", // what was heard, if that is later
	} {
		if i >= len(s.asked) || s.asked[i] != want {
			t.Fatalf("asked %q, want %q at %d", s.asked, want, i)
		}
	}
}

// The prices that were promised stand in the basket, with a word where there are
// others by now.
func TestPriceInBasket(t *testing.T) {
	s := open(t)
	b := s.browser(t)
	b.post("/basket/stone-first", "quantity", "2").has("€6.00").hasNot("It costs")
	b.post("/failures/products/stone-first", "act", "raise").is(200, "/failures").has("€3.30")
	b.get("/basket").has("€6.00", "It costs €3.30 now")
	b.post("/failures/products/stone-first", "act", "discontinue").has("Bring back")
	b.get("/products/stone-first").has("no longer sold")
	b.post("/failures/products/stone-first", "act", "bring back").hasNot("Bring back")
}

func TestReviews(t *testing.T) {
	b := open(t).browser(t)
	b.post("/products/lamp-owl/reviews", "customer", "Ann", "stars", "4", "text", "Bright.").is(200, "/products/lamp-owl").
		has("Bright.", "4.0 · 1 review", "★★★★☆", `value="Ann"`)
	b.get("/").has("4.0 · 1 review")
	b.post("/products/lamp-owl/reviews", "customer", "Ann", "stars", "6", "text", "Brighter!").is(400, "/products/lamp-owl/reviews").
		has("<b>stars</b> is 6, and must be 5 or less", "Brighter!</textarea>")
}

// What people write is shown as they wrote it, and is nothing else.
func TestHostile(t *testing.T) {
	b := open(t).browser(t)
	hostile := `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	const harmless = `&lt;script&gt;alert(1)&lt;/script&gt;`
	text := b.post("/products/lamp-owl/reviews", "customer", hostile[:30], "stars", "1", "text", hostile+"{{.}}\u202e")
	text.is(200, "/products/lamp-owl").has(harmless, "{{.}}")
	b.get("/?q="+url.QueryEscape(hostile)).has(harmless, "Nothing of the kind")
	b.get("/?category="+url.QueryEscape(hostile[:30])).is(200, "/")
	id := b.post("/basket/map-highlands", "quantity", "1").orderID()
	b.post("/checkout", "order", id, "customer", hostile[:30]).is(200, "/orders/"+id).has("&lt;script&gt;")
	b.get("/orders/" + id + "/history").has(`\u003cscript\u003e`)
	b.get("/emails").has("Thank &lt;b&gt;you&lt;/b&gt;")
}

// A field beyond its limit is refused, with its name and the limit, and the form
// stands there again.
func TestLimits(t *testing.T) {
	b := open(t).browser(t)
	id := b.post("/basket/map-highlands", "quantity", "1").orderID()
	for _, c := range []struct {
		path   string
		fields []string
		want   string
	}{
		{"/checkout", []string{"order", id, "customer", ""}, "<b>name</b> must not be empty"},
		{"/checkout", []string{"order", id, "customer", strings.Repeat("é", 41)}, "<b>name</b> has 41 characters, and at most 40"},
		{"/checkout", []string{"order", "../x", "customer", "Ann"}, "<b>order</b> may have letters"},
		{"/basket/map-highlands", []string{"quantity", "100"}, "quantity is 100, and must be 99 or less"},
		{"/basket/map-highlands", []string{"quantity", "-1"}, "quantity is -1"},
		{"/basket/map-highlands", []string{"quantity", "many"}, "quantity must be a number"},
		{"/products/lamp-owl/reviews", []string{"customer", "Ann", "stars", "x", "text", "y"}, "<b>stars</b> must be a number"},
		{"/products/lamp-owl/reviews", []string{"customer", "Ann", "stars", "1", "text", strings.Repeat("a", 1001)}, "at most 1000 are allowed"},
		{"/failures/payment", []string{"mode", "a b"}, "mode may have letters"},
		{"/failures/products/lamp-owl", []string{"act", "steal"}, "act must be"},
		{"/failures/products/lamp-owl", []string{"act", "stock", "quantity", "10001"}, "must be 10000 or less"},
	} {
		if p := b.post(c.path, c.fields...); p.status != http.StatusBadRequest {
			t.Errorf("%s %.60q: status %d", c.path, c.fields, p.status)
		} else {
			p.has(c.want)
		}
	}
	b.get("/?q="+strings.Repeat("a", 81)).is(400, "/").has("at most 80 are allowed")
	b.post("/products/lamp-owl/reviews", "text", strings.Repeat("a", 20<<10)).is(400, "/products/lamp-owl/reviews")
}

// Unknown places have a page.
func TestNowhere(t *testing.T) {
	b := open(t).browser(t)
	for _, path := range []string{"/nothing", "/products/none", "/products/%2e%2e%2fx", "/orders/none", "/orders/none/history", "/orders/a.b", "/orders/a.b/then"} {
		if p := b.get(path); p.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.status)
		} else {
			p.has("There is nothing here", "Cairn <em>Outfitters</em>")
		}
	}
	b.post("/failures/nobody", "mode", "ok").is(404, "/failures/nobody")
}

// A service that is away has a page, or a word on one; when it is back, so is
// everything.
func TestServicesAway(t *testing.T) {
	s := open(t)
	b := s.browser(t)
	id := b.post("/basket/map-highlands", "quantity", "1").orderID()
	for name, pages := range map[string]map[string]string{
		"reviews":      {"/": "The reviews do not answer", "/products/lamp-owl": "The reviews do not answer"},
		"basket":       {"/": "Scree 2 tent"},
		"inventory":    {"/failures": "Not answering: inventory."},
		"catalogue":    {"/basket": "€14.95", "/failures": "Not answering: catalogue."},
		"notification": {"/": "Scree 2 tent"},
	} {
		s.close(name, true)
		for path, want := range pages {
			b.get(path).is(200, path).has(want)
		}
		s.close(name, false)
		for path := range pages {
			b.get(path).hasNot("ot answer")
		}
	}
	for name, path := range map[string]string{"catalogue": "/", "basket": "/basket", "order": "/orders/" + id, "notification": "/emails"} {
		s.close(name, true)
		b.get(path).is(503, path).has("A service does not answer", `http-equiv="refresh"`)
		s.close(name, false)
	}
	s.close("order", true)
	b.post("/checkout", "order", id, "customer", "Ann").is(503, "/checkout").has("A service does not answer").hasNot("refresh")
	s.close("order", false)
	b.get("/basket").has("€14.95") // nothing is lost
	b.post("/checkout", "order", id, "customer", "Ann").is(200, "/orders/"+id)
}

func TestSwitches(t *testing.T) {
	b := open(t).browser(t)
	b.get("/failures").has(`value="ok" checked`, `value="7"`)
	b.post("/failures/payment", "mode", "slow").is(200, "/failures").has(`value="slow" checked`)
	b.post("/failures/inventory", "mode", "fail").has(`value="slow" checked`, `value="fail" checked`)
	b.get("/sales").has("€12,345.00", "payment exception", `width="33"`)
}

// Another site cannot order in a customer's name.
func TestOtherSites(t *testing.T) {
	s := open(t)
	r, err := http.NewRequest("POST", s.url+"/basket/map-highlands", strings.NewReader("quantity=1"))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(r)
	must(t, err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// What happens is handed on at once, while the stream goes on.
func TestLive(t *testing.T) {
	s := open(t)
	resp, err := http.Get(s.url + "/orders/some/live")
	must(t, err)
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("type %q", got)
	}
	first, err := bufio.NewReader(resp.Body).ReadString('\n')
	if err != nil || first != "event: order\n" {
		t.Errorf("first line %q, %v", first, err)
	}
	s.close("order", true)
	s.browser(t).get("/orders/some/live").is(503, "/orders/some/live")
}

// Pictures and assets come with a type and with what they may do.
func TestAssets(t *testing.T) {
	b := open(t).browser(t)
	for path, kind := range map[string]string{
		"/assets/shop.css": "text/css; charset=utf-8", "/assets/shop.js": "text/javascript; charset=utf-8",
		"/assets/cairn.svg": "image/svg+xml", "/pictures/tent-scree-2": "image/svg+xml",
	} {
		if p := b.get(path); p.status != 200 || p.header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %q", path, p.status, p.header.Get("Content-Type"))
		}
	}
	b.get("/pictures/none").is(404, "/pictures/none")
}
