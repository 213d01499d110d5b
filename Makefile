# `make` alone lists what there is.
.DEFAULT_GOAL := help
.PHONY: help run test containers planted chaos fuzz bench lint types format lock update schema graphiql clean
PYTHON := .venv/bin/python
GROWTH_MINUTES ?= 20

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

run: ## install what is missing and run everything in the foreground
	@sh tools/set_up.sh run
	@exec $(PYTHON) -m tools.run

test: ## install what is missing and run lint, types and all tests
	@sh tools/set_up.sh test
	@exec $(PYTHON) -m tools.test

containers: ## build and run docker-compose.yml under a container engine that is set up here
	@sh tools/set_up.sh test
	@exec $(PYTHON) -m tools.test tests/compose/engine

planted: ## plant each known fault in a copy, and print which test notices; WORDS=… selects
	@sh tools/set_up.sh test
	$(PYTHON) -m tests.planted $(WORDS)

chaos: ## break the running product for an hour, and count what is lost (nothing)
	@sh tools/set_up.sh test
	$(PYTHON) -m tests.simulation --seconds 120 --processes 2
	CHAOS_ROUNDS=2 CHAOS_OPERATIONS=600 CHAOS_SUBSCRIBERS=500 $(PYTHON) -m tools.test "tests/system/chaos on"

fuzz: ## send the running product whatever schemathesis makes up, some 30,000 inputs
	@sh tools/set_up.sh test
	FUZZ_EXAMPLES=300 $(PYTHON) -m tools.test tests/system/fuzzing

bench: ## measure the product beside its peers, by turns; see docs/performance.md
	@sh tools/set_up.sh test
	@sh bench/set_up.sh
	$(PYTHON) -m bench.gateway_page
	$(PYTHON) -m bench.hostile
	$(PYTHON) -m bench.rest_page
	$(PYTHON) -m bench.likes_page
	$(PYTHON) -m bench.mutations
	$(PYTHON) -m bench.relay
	$(PYTHON) -m bench.consumer
	$(PYTHON) -m bench.latency
	$(PYTHON) -m bench.live
	$(PYTHON) -m bench.live --subscribers 100 --rate 100
	$(PYTHON) -m bench.log
	$(PYTHON) -m bench.fast_paths
	$(PYTHON) -m bench.tracing
	$(PYTHON) -m bench.cold_start
	$(PYTHON) -m bench.growth --minutes $(GROWTH_MINUTES)

lint: ## check style and who may import whom
	$(PYTHON) -m tools.test lint

types: ## check the types
	$(PYTHON) -m tools.test types

format: ## format the code
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lock: ## write the hashed requirements anew from pyproject.toml
	sh requirements/compile.sh

update: ## bring all dependencies up to date, Python's and npm's
	sh requirements/update.sh

schema: ## write schema.graphql and the AsyncAPI documents from the code
	$(PYTHON) gateway/manage.py print_schema > schema.graphql
	for service in *_service; do \
		$(PYTHON) $$service/manage.py asyncapi > docs/asyncapi/$${service%_service}.json; \
	done

graphiql: ## copy GraphiQL's files into the tree anew, from npm
	sh tools/graphiql/copy.sh

clean: ## remove the virtual environment, the databases and what was built
	rm -rf .venv var build *.egg-info
