# Everything here needs Python 3.11+, make and git; `make setup` brings the rest into .venv.
.DEFAULT_GOAL := help
SHELL := /bin/sh

UV_VERSION := 0.13.9
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
STAGE ?= local
BIN := .venv/bin
READY := .venv/.ready
STACK_READY := .venv/.stack-ready
SYNTH := .build/synth
# The longest first, so that none is left to run alone.
TEST_PARTS := test-integration test-chaos test-unit test-infrastructure test-stores test-workflow test-snapshots test-breaker test-clients test-pipelines
# So many of them at once. They often wait, for stacks to start and for codes to become valid.
LANES ?= 2
# Which tests of a part run; nothing for all of them.
SELECT ?= -m 'not long'

# Node (for the CDK) lives in .venv too.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Compiling megabytes of libraries again for each of a thousand processes takes longer than running them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show these targets
	@[ -t 1 ] && colour=36 || colour=; \
	awk -v colour="$$colour" 'BEGIN {FS = ":.*## "; on = colour ? "\033[" colour "m" : ""; off = colour ? "\033[0m" : ""} /^[a-z-]+:.*## / {printf "  %s%-20s%s %s\n", on, $$1, off, $$2}' Makefile

.PHONY: setup
setup: $(READY) ## Install all tools and libraries into .venv (quick when nothing changed)

# What runs the local stack, a third of what the tests need.
$(STACK_READY): pyproject.toml uv.lock
	@"$(or $(PYTHON),false)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "error: Python 3.11 or newer is needed; set PYTHON=/path/to/it." >&2; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv .venv || { echo "error: $(PYTHON) can't make virtual environments; on Debian: apt install python3-venv." >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@echo "Installing Python packages ..."
	@$(BIN)/uv sync --frozen --quiet --inexact --no-default-groups --group stack
	@touch $@

$(READY): $(STACK_READY) cdk/package.json cdk/package-lock.json
	@echo "Installing the packages of tests and linters ..."
	@$(BIN)/uv sync --frozen --quiet
	@echo "Installing the CDK CLI ..."
	@cd cdk && npm ci --silent --no-audit --no-fund
	@touch $@

.PHONY: demo
demo: $(STACK_READY) ## Run one order from list to payment on emulated AWS (KEEP=1 leaves it running)
	@$(BIN)/orders demo $(if $(KEEP),--keep)

.PHONY: up
up: $(STACK_READY) ## Start the local stack and leave it running
	@$(BIN)/orders local up

.PHONY: watch
watch: $(STACK_READY) ## Deploy functions, definition and page at each save, on the local stack; serve the page
	@$(BIN)/orders local watch

.PHONY: down
down: $(STACK_READY) ## Stop the local stack
	@$(BIN)/orders local down

.PHONY: test
test: setup ## Every part of the tests, some parts at once; ends with the time of each
	@TIMES=$$(mktemp) && export TIMES && began=$$(date +%s) && result=0; \
	$(MAKE) --no-print-directory -j$(LANES) --output-sync=target $(addprefix timed-,$(TEST_PARTS)) || result=$$?; \
	printf 'Time of each part (%d s in all):\n' $$(($$(date +%s) - began)); cat "$$TIMES"; rm -f "$$TIMES"; \
	$(BIN)/python -m tests.support.browser; exit $$result

timed-%:
	@began=$$(date +%s); result=0; failed=; \
	$(MAKE) --no-print-directory "$*" || { result=$$?; failed=' failed'; }; \
	printf '  %-20s %4d s%s\n' "$*" $$(($$(date +%s) - began)) "$$failed" >>"$$TIMES"; exit $$result

.PHONY: test-unit
test-unit: setup ## Fast tests without network
	$(BIN)/pytest tests/unit -n auto -q $(SELECT)

.PHONY: test-long
test-long: setup ## The tests that `make test` leaves out: proofs by many cases, each of some seconds; some minutes in all
	$(BIN)/pytest tests/unit -n auto -q -m long
	$(BIN)/pytest tests/integration -n $(STACKS) -q -m long
	$(MAKE) --no-print-directory test-long-parts

# Those of them that CI's other runs do not reach.
.PHONY: test-long-parts
test-long-parts: setup
	$(BIN)/pytest tests/chaos -q --reruns $(RERUNS) -m long
	$(BIN)/pytest tests/releases -n auto -q
	$(MAKE) --no-print-directory unit-on-ministack unit-on-dynalite UNIT_TESTS="$(STORES)"

# The unit tests of functions/: those of the handlers, and of each package or module of its library.
LIBRARY := functions/orderflow
PACKAGES := $(filter-out %/__pycache__/,$(wildcard $(LIBRARY)/*/))
MODULES := $(wildcard $(LIBRARY)/*.py)
FUNCTION_TESTS := tests/unit/handlers \
	$(wildcard $(PACKAGES:$(LIBRARY)/%/=tests/unit/%) $(MODULES:$(LIBRARY)/%.py=tests/unit/test_%.py))
.PHONY: coverage
coverage: setup ## The unit tests of functions/ again, failing below 90 % of their coverage (tracing takes longer than testing)
	$(BIN)/pytest $(FUNCTION_TESTS) -n auto -q $(SELECT) --cov --cov-report=term --cov-fail-under=90

.PHONY: test-engines
test-engines: unit-on-ministack unit-on-dynalite ## Every unit test that uses tables, on two more DynamoDBs

STORES := $(addprefix tests/unit/,breakers catalog emails orders recovery)
.PHONY: test-stores
test-stores: setup ## What two more DynamoDBs do otherwise than AWS (npm at first)
	$(BIN)/pytest tests/engines -q

UNIT_TESTS := tests/unit
.PHONY: unit-on-ministack unit-on-dynalite
unit-on-ministack unit-on-dynalite: unit-on-%: setup
	ENGINE=$* $(BIN)/pytest $(UNIT_TESTS) -q

.PHONY: test-breaker
test-breaker: setup ## A hundred callers of a circuit breaker at once, on the emulator's DynamoDB
	$(BIN)/pytest tests/breaker -q

.PHONY: verify-breaker
verify-breaker: setup ## Every interleaving of three callers of a circuit breaker (some minutes)
	$(BIN)/python -m tests.breaker.verify

.PHONY: test-snapshots
test-snapshots: setup ## Local functions start from snapshots; nothing in ours breaks by it
	$(BIN)/pytest tests/snapshots -n auto -q

.PHONY: test-workflow
test-workflow: setup ## Every branch of the state machine on the emulator's engine
	$(BIN)/pytest tests/workflow -q

.PHONY: test-infrastructure
test-infrastructure: setup ## Assertions on the synthesized templates of all stages
	$(BIN)/pytest tests/infrastructure -q

# So many local stacks at once; 0 for one, and its tests in order.
STACKS ?= 2
# So often a test on a local stack that fails is run again.
RERUNS ?= 0
.PHONY: test-integration
test-integration: setup ## Deploy the CDK app locally and place orders through AppSync
	$(BIN)/pytest tests/integration -n $(STACKS) -q --reruns $(RERUNS) $(SELECT)

.PHONY: test-pipelines
test-pipelines: setup ## Each shell step of the workflows, with stubs of make and gh
	$(BIN)/pytest tests/pipelines -n auto -q

.PHONY: smoke
smoke: setup ## Sign-in, order, live updates, payment and cancellation on a deployed stage (STAGE=dev; local by default)
	SMOKE_STAGE=$(STAGE) $(BIN)/pytest tests/smoke -v

.PHONY: test-clients
test-clients: setup ## Clients of PayStack that we did not write use the stand-in (npm and PyPI at first)
	$(BIN)/pytest tests/clients -q

.PHONY: browser
browser: ## A Chromium for the tests of the demo shop's page, unless there is one (Debian, as root)
	@for each in "$$CHROMIUM" chromium chromium-browser google-chrome; do command -v "$$each" && exit; done; \
	test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -qq -y chromium || \
	{ echo "error: no Chromium was found, nor can one be installed here. Install it yourself; CHROMIUM may name it." >&2; exit 1; }

.PHONY: incidents
incidents: setup ## Five incidents that an operator meets with the console alone, in Chromium; pictures (INCIDENT_PICTURES=docs/images)
	$(BIN)/pytest tests/incidents -v --reruns $(RERUNS)

.PHONY: bench-console
bench-console: setup ## Every view of the console with 100 and with 10,000 orders: the ratio of its times, and what it reads
	$(BIN)/python -m tests.bench.console

.PHONY: screenshot
screenshot: setup ## Take the README's pictures of the demo shop again
	$(BIN)/python -m tests.integration.screenshot

.PHONY: test-chaos
test-chaos: setup ## Providers and workers fail while orders flow: the short form
	$(BIN)/pytest tests/chaos -q --reruns $(RERUNS) $(SELECT)

.PHONY: conformance
conformance: setup ## Every state with every error that it names, on Step Functions' TestState (STAGE=dev: on AWS)
	$(if $(filter-out local,$(STAGE)),CONFORMANCE_STAGE=$(STAGE)) $(BIN)/pytest tests/workflow/test_test_state.py -q

.PHONY: chaos
chaos: setup ## The same in full: 500 orders, outages of a minute, half of the webhooks lost; any sequence of events, 10,000 times; payments in every interleaving
	ORDER_SEQUENCES=10000 $(BIN)/pytest tests/unit/orders/test_order_sequences.py -q
	PAYMENT_INTERLEAVINGS=full $(BIN)/pytest tests/unit/payments/test_interleavings.py \
		tests/unit/review/test_interleavings.py -q
	CHAOS=full $(BIN)/pytest tests/chaos -v

.PHONY: mutate
mutate: setup ## Faults of definition, templates, resolvers and policies: which check finds each; writes docs/mutants.md
	$(BIN)/python -m tests.mutation --write

.PHONY: recipes
recipes: setup ## Follow the recipes of CONTRIBUTING.md in a copy of the project
	$(BIN)/pytest tests/recipes -q

.PHONY: test-demo
test-demo: $(STACK_READY) ## The demo, what its last lines promise, and what is left when it is killed
	$(BIN)/pytest tests/demo -q

.PHONY: evaluate
evaluate: setup ## Measure how well lists are understood and products found; report and plots in .build/evaluation
	$(BIN)/python -m scripts.evaluation

.PHONY: fuzz
fuzz: setup ## Ten thousand malformed requests through web ACL and API, and thousands of forged webhooks
	FUZZ=full $(BIN)/pytest tests/integration/fuzz -v

.PHONY: waf-report
waf-report: setup ## Customers and attacks on the synthesized web ACL; writes docs/security/waf.md
	$(BIN)/python -m tests.waf

.PHONY: bench-realtime
bench-realtime: setup ## How fast changes of status reach a subscribed client, with 100 orders at once
	$(BIN)/python -m tests.integration.latency

.PHONY: bench-local
bench-local: setup ## The local stack beside an earlier build's, in three rounds; writes docs/performance/local.md
	$(BIN)/python -m tests.bench

.PHONY: load
load: setup ## Customers at a local stack or STAGE: PROFILE=steady (1,000 orders)|spike|ramp|soak|outage; writes docs/performance/load.md
	$(BIN)/python -m tests.load --profile $(or $(PROFILE),steady) --stage $(STAGE) $(LOAD_OPTIONS)

.PHONY: cost
cost: setup synth-all ## Measure what an order uses of AWS (BASE=80f2f6f: an earlier build's, too); writes docs/performance/cost.md and capacity.md
	$(BIN)/python -m tests.bench.cost $(if $(BASE),--base $(BASE))
	$(BIN)/python -m scripts.cost

.PHONY: cost-pages
cost-pages: setup synth-all ## Write docs/performance/cost.md and capacity.md again from what was measured
	$(BIN)/python -m scripts.cost

.PHONY: security
security: setup ## The security report: named tests, scanners, advisories, bills of materials (STAGE= asks a deployed stage, too)
	$(BIN)/python -m scripts.security --stage $(STAGE)

.PHONY: audit-packages
audit-packages: setup ## Look up the advisories of all locked packages; a failed look-up fails
	$(BIN)/python -m scripts.security.advisories

.PHONY: lint
lint: setup ## ruff, mypy, import contracts, bandit, cfn-lint, actionlint, zizmor
	@$(MAKE) --no-print-directory -j2 --output-sync=target lint-code lint-templates lint-workflows
	@echo "Nothing to complain about."

.PHONY: lint-code
lint-code: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy functions scripts cdk
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml functions scripts cdk

.PHONY: lint-templates
lint-templates: synth-all
	$(BIN)/cfn-lint $(SYNTH)/*/*.template.json

.PHONY: lint-workflows
lint-workflows: setup
	$(BIN)/actionlint
	$(BIN)/zizmor --offline --quiet .github

.PHONY: format
format: setup ## Format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: synth
synth: setup ## Synthesize the CloudFormation templates of one stage (STAGE=local)
	@cd cdk && node_modules/.bin/cdk synth --quiet --context stage=$(STAGE) --output ../$(SYNTH)/$(STAGE) --app "'$(CURDIR)/$(BIN)/python' -P -m cdk.app"

.PHONY: synth-all
synth-all:
	@for stage in local dev staging prod; do $(MAKE) --no-print-directory synth STAGE=$$stage || exit 1; done

ARTEFACT ?= .build/artefact
MINUTES ?= 30
CDK := cdk/node_modules/.bin/cdk
OF_STAGE = --all --app "$(CURDIR)/$(ARTEFACT)/$(STAGE)" --no-notices --ci

.PHONY: artefact
artefact: setup ## Synthesize dev, staging and prod into one artefact with a digest (ORDERS_COMMIT names the commit)
	@rm -rf "$(ARTEFACT)"
	@$(BIN)/python -m scripts.pipeline build "$(ARTEFACT)"

.PHONY: check-artefact
check-artefact: setup ## Check that the artefact is the one that was built (DIGEST=...)
	@$(BIN)/python -m scripts.pipeline check "$(ARTEFACT)" --digest "$(DIGEST)"

.PHONY: diff
diff: setup ## What deploying the artefact would change (STAGE=dev); also in .build/diff.md
	@mkdir -p .build
	@{ printf '### Changes of %s\n\n```diff\n' "$(STAGE)"; $(CDK) diff $(OF_STAGE) 2>&1; result=$$?; printf '```\n'; exit $$result; } | tee .build/diff.md

.PHONY: deploy
deploy: setup ## Deploy the artefact (STAGE=dev); CloudFormation rolls back when an alarm of the release rings
	$(CDK) deploy $(OF_STAGE) --require-approval never

.PHONY: roll-back
roll-back: setup ## Lead new orders back to the release before, at once (STAGE=dev, REASON=...)
	$(BIN)/orders deploy rollback --stage $(STAGE) --reason "$(REASON)"

.PHONY: histories
histories: setup ## What orders in flight left behind, played against the functions and the definition that come
	$(BIN)/pytest tests/unit/handlers/test_in_flight.py tests/infrastructure/test_in_flight.py tests/releases -q

.PHONY: soak
soak: setup ## Watch a stage's alarms for so long; fails when one rings (STAGE=staging, MINUTES=30)
	$(BIN)/python -m scripts.pipeline soak --stage $(STAGE) --minutes $(MINUTES)

.PHONY: release-report
release-report: setup ## What was measured and tested of a release, on one page to sign (.build/release-report.md)
	@$(BIN)/python -m scripts.release_report

.PHONY: bootstrap
bootstrap: setup ## Bring a first stage up, and say what only a person can do (STAGE=dev; PLAN=1 only looks)
	@$(BIN)/python -m scripts.bootstrap --stage $(STAGE) $(if $(PLAN),--plan)

.PHONY: rehearse
rehearse: setup ## A release that fails and is rolled back, one that does not, a lost table: on a local stack (WRITE=1 writes docs/rehearsal.md)
	$(BIN)/python -m tests.rehearsal $(if $(WRITE),--write)

.PHONY: recovery
recovery: setup ## The loss of a table and of the stack under load: what is lost, and how long it takes (WRITE=1 writes docs/recovery/objectives.md)
	$(BIN)/python -m tests.recovery $(if $(WRITE),--write)

.PHONY: docs
docs: setup ## Write the generated parts of README.md and docs/: the diagram, tables, one order's path
	$(BIN)/python -m scripts.documentation

.PHONY: clean
clean: ## Remove everything that was installed or built
	@test ! -x $(BIN)/orders || $(BIN)/orders local down >/dev/null 2>&1 || true
	rm -rf .venv .build .local cdk/node_modules cdk/cdk.out .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
