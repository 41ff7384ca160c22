# The two to begin with are "make run" and "make test". All need Go and nothing
# else, but run-full; lint and fetch its modules, and race a C compiler, the first time.

GO       ?= go
FUZZTIME ?= 10s
TORTURE  ?= 2m

.DEFAULT_GOAL := help

.PHONY: help
help: ## Print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: bin/eshop ## Open the e-shop on port 8080, with customers in it, and the window on port 2113
	@bin/eshop run --shoppers 1

# Where they are can be said as POSTGRES=... make run-full.
RABBITMQ ?= amqp://guest:guest@127.0.0.1:5672/
POSTGRES ?= postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable
REDIS    ?= redis://127.0.0.1:6379/0

.PHONY: run-full
run-full: bin/eshop ## The same over this machine's RabbitMQ, PostgreSQL and Redis
	@bin/eshop run --shoppers 1 --store eshop-full-data --broker rabbitmq --broker-url '$(RABBITMQ)' --read-models '$(POSTGRES)' --baskets '$(REDIS)'

.PHONY: bin/eshop
bin/eshop:
	@echo "building, which takes some minutes the first time"
	@$(GO) build -o bin/ ./examples/eshop

.PHONY: bank
bank: ## Start a server on port 2113 and take the bank's guided tour as its client
	$(GO) run ./examples/bank live

.PHONY: test
test: ## Run all tests, those of the benchmarks too
	$(GO) test ./...
	cd bench && $(GO) test ./...

.PHONY: race
race: ## Run the tests under the race detector, the long ones shortened
	$(GO) test -race -short -timeout 30m ./...

.PHONY: vet
vet: bin/vetrange ## Run go vet, and look for reads whose error is dropped
	$(GO) vet ./...
	$(GO) vet -vettool=$(CURDIR)/bin/vetrange ./...
	cd bench && $(GO) vet ./...
	cd bench && $(GO) vet -vettool=$(CURDIR)/bin/vetrange ./...
	cd compat/mongodb && $(GO) vet ./...
	cd compat/mongodb && $(GO) vet -vettool=$(CURDIR)/bin/vetrange ./...

.PHONY: bin/vetrange
bin/vetrange:
	@$(GO) build -o bin/ ./internal/vetrange/cmd/vetrange

.PHONY: lint
lint: ## Check formatting, and run staticcheck as go.mod pins it
	@unformatted=$$(find . -name '*.go' -not -path '*/testdata/*' -exec gofmt -s -l {} +) && \
		test -z "$$unformatted" || { echo "not formatted; run gofmt -s -w:"; echo "$$unformatted"; exit 1; }
	$(GO) build -o bin/ honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck ./...
	cd bench && ../bin/staticcheck ./...
	cd compat/mongodb && ../../bin/staticcheck ./...

.PHONY: fuzz
fuzz: ## Run every fuzz target, each for FUZZTIME (10s)
# A target that is still busy when its time is up fails with "context deadline
# exceeded" and names no input: that is tried again.
	@targets=$$($(GO) test -list '^Fuzz' ./...) || { echo "$$targets"; exit 1; }; \
	echo "$$targets" | awk '/^Fuzz/ { t[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, t[i]; n = 0 }' | \
	while read -r package target; do \
		echo "$$package $$target"; \
		for attempt in 1 2 3; do \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 2s "$$package" >fuzz.out 2>&1; \
			failed=$$?; cat fuzz.out; \
			test $$failed -ne 0 && ! grep -q 'Failing input' fuzz.out && grep -q 'context deadline exceeded' fuzz.out || break; \
		done; \
		rm -f fuzz.out; test $$failed -eq 0 || exit 1; \
	done

.PHONY: bench
bench: ## Compare with the peers; docs/benchmarks.md says how to read it
	cd bench && $(GO) run .

.PHONY: torture
torture: ## Move money for TORTURE (2m) while processes are killed
	$(GO) run ./examples/bank torture --duration $(TORTURE)

.PHONY: browser
browser: ## Click through the window and the shop (needs Node.js, openssl and Chromium)
	$(GO) build -o bin/ ./cmd/cairn ./examples/eshop
	cd compat/browser && npm ci --include=dev --no-audit --no-fund && npm test

.PHONY: screenshots
screenshots: ## Take the pictures in docs/images anew (needs what browser does)
	$(GO) build -o bin/ ./cmd/cairn ./examples/eshop
	cd compat/browser && npm ci --include=dev --no-audit --no-fund && npm run screenshots

.PHONY: build
build: ## Build bin/cairn, with the version of the checkout, and bin/bank
	$(GO) build -trimpath -buildvcs=auto -o bin/ ./cmd/cairn ./examples/bank
