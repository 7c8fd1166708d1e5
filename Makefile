# The commands of the project; `make help` lists them.

# A cargo that was just installed may not be on the PATH yet.
ifndef CARGO
CARGO := $(shell command -v cargo || echo "$$HOME/.cargo/bin/cargo")
endif
export CARGO
# Added to what compiles, such as CARGO_FLAGS=--locked.
CARGO_FLAGS ?=
# A built-in's name, or the path of a file.
EXPERIMENT ?= race

# What runs the tests of the package for Python: the system's, which Debian's packages belong to.
PYTHON ?= $(shell [ -x /usr/bin/python3 ] && echo /usr/bin/python3 || echo python3)

STEEPEST := $(CARGO) run --release $(CARGO_FLAGS) --

# The pictures of `make gallery`: name, experiment, options of `steepest shot`.
define GALLERY
race                       race                       --size 1280x720
rosenbrock                 rosenbrock                 --size 1280x720
mnist                      mnist                      --size 1280x720
saddle                     saddle                     --size 1280x720
noisy-quartic              noisy-quartic              --size 1280x720
convex-vs-nonconvex        convex-vs-nonconvex        --size 1280x720
learning-rate-sensitivity  learning-rate-sensitivity  --size 1600x900
bowl                       bowl                       --size 1280x720
race-paper                 race                       --size 1280x720 --theme paper --no-ui --view 0.9,0.6
rosenbrock-top             rosenbrock                 --size 1280x720 --view top --no-ui
adam-step-by-step          adam-step-by-step          --size 1280x720 --step 1.76
why-two-over-lambda        why-two-over-lambda        --size 1280x720 --step 4.5
race-map                   race                       --size 1280x720 --layout inset --theme light
basins                     basins                     --size 1280x720 --step 150
tuning                     tuning                     --size 1280x720 --step 60
moons                      moons                      --size 1280x720
mnist-pixels               mnist-pixels               --size 1280x720
edge-of-stability          edge-of-stability          --size 1280x720
xor                        docs/gallery/xor.npz       --size 1280x720
endef
export GALLERY

# What chapters of the book embed as pages: experiments, or run files in docs/gallery.
PAGES := race basins tuning rosenbrock moons edge-of-stability mnist learning-rate-sensitivity why-two-over-lambda xor

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test test-python test-browser wheel package fmt clippy unit checked bench gallery docs reference extremes install clean setup setup-checks

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: setup ## Open the app, or draw a picture where there is no display (EXPERIMENT=rosenbrock)
	@if [ "$$(uname -s)" != Linux ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		$(STEEPEST) "$(EXPERIMENT)"; \
	else \
		picture="steepest-$$(basename "$(EXPERIMENT)" .toml).png"; \
		echo "No display: neither DISPLAY nor WAYLAND_DISPLAY is set. Drawing $$picture off-screen instead." >&2; \
		$(STEEPEST) shot "$(EXPERIMENT)" -o "$$picture" --force; \
	fi

test: setup-checks fmt clippy unit checked ## Run every check: fmt, clippy, unit, checked

# Tests of what the program computes are skipped, loudly, where it was not built.
test-python: ## Run the tests of the package for Python (numpy and pytest are needed, PyTorch and JAX tested if there)
	@binary="$${STEEPEST_BIN:-$${CARGO_TARGET_DIR:-$(CURDIR)/target}/release/steepest}"; \
	if [ -x "$$binary" ]; then export STEEPEST_BIN="$$binary"; fi; \
	cd python && $(PYTHON) -B -m pytest -q

# Chromium, Firefox (with Xvfb) or both, and Node 20 or later; not part of `make test`.
PLAY_SECONDS ?= 60
test-browser: ## Look at exported pages in Chromium and Firefox (BROWSER chooses one, STEEPEST_BIN another program)
	@binary="$${STEEPEST_BIN:-$${CARGO_TARGET_DIR:-$(CURDIR)/target}/release/steepest}"; \
	STEEPEST_BIN="$$binary" node --no-warnings --experimental-websocket tests/browser/pages.mjs $(PLAY_SECONDS)

# The profile `release`, whose dependencies are compiled already; those in the workflow have `dist`.
wheel: setup ## Build the Python wheel, which carries the program, into python/dist, and try it in a fresh environment
	@WHEEL_DIR="$(CURDIR)/python/dist" PYTHON=$(PYTHON) scripts/test-wheel.sh

fmt: ## Check the formatting (cargo fmt mends it)
	$(CARGO) fmt --check

clippy: ## Lint everything; a warning is an error
	$(CARGO) clippy --release --all-targets $(CARGO_FLAGS) -- -D warnings

unit: ## Run the unit, integration, picture and doc tests
	$(CARGO) test --release $(CARGO_FLAGS)

# The dependencies stay as they are; only the own code is compiled again.
PACKAGE := profile.release.package.steepest
checked: ## Run the unit tests with overflow checks and debug assertions
	$(CARGO) test --release $(CARGO_FLAGS) --lib --config $(PACKAGE).opt-level=1 \
		--config $(PACKAGE).overflow-checks=true --config $(PACKAGE).debug-assertions=true

bench: setup ## Run the benchmarks
	$(CARGO) bench $(CARGO_FLAGS) --bench '*'

# The gallery lies as far from the built pages as from their sources, so links to pictures hold in both.
docs: ## Build the book with its interactive pages into target/docs (mdbook is needed; STEEPEST=steepest takes the installed program)
	@command -v mdbook >/dev/null || { echo "mdbook is not installed: cargo install mdbook" >&2; exit 1; }
	mdbook build docs/book --dest-dir "$(CURDIR)/target/docs/book/html"
	@cp -R docs/gallery target/docs/
	@mkdir -p target/docs/book/html/pages
	@for page in $(PAGES); do \
		run="docs/gallery/$$page.npz"; [ -f "$$run" ] || run="$$page"; \
		$(STEEPEST) --quiet export "$$run" -o "target/docs/book/html/pages/$$page.html" --force || exit 1; \
	done
	@echo "target/docs/book/html/index.html" >&2

reference: ## Print the book's pages of what the parser knows anew
	@folder=docs/book/src/reference; for page in names:generated keys:keys; do \
		file="$$folder/$${page#*:}.md"; \
		$(STEEPEST) list --markdown "$${page%:*}" > "$$file.part" && mv "$$file.part" "$$file" || exit 1; \
	done

gallery: setup ## Draw the pictures of README and book into docs/gallery
	@mkdir -p docs/gallery
	@printf '%s\n' "$$GALLERY" | while read -r name experiment options; do \
		echo "docs/gallery/$$name.png" >&2; \
		$(STEEPEST) shot "$$experiment" -o "docs/gallery/$$name.png" --force $$options </dev/null || exit 1; \
	done
	@echo docs/gallery/map-basins.png >&2
	@$(STEEPEST) --quiet map race --descent Momentum -o docs/gallery/map-basins.png --force
	@echo docs/gallery/race-figure.svg >&2
	@$(STEEPEST) --quiet export race -o docs/gallery/race-figure.svg --force --layout full --width 180mm
	@echo docs/gallery/race.gif >&2
	@$(STEEPEST) --quiet record race -o docs/gallery/race.gif --force --size 800x450 --seconds 6 --fps 20
	@echo docs/gallery/moons.gif >&2
	@$(STEEPEST) --quiet record moons -o docs/gallery/moons.gif --force --size 800x450 --seconds 6 --fps 15 --layout scene+data

extremes: setup ## Draw the experiments that try every limit into target/extremes, to be looked at
	@mkdir -p target/extremes
	@for file in tests/it/extremes/*.toml; do \
		name="$$(basename "$$file" .toml)"; \
		echo "target/extremes/$$name" >&2; \
		for looks in "640x360 dark" "1280x720 dark" "1280x720 paper"; do \
			set -- $$looks; \
			$(STEEPEST) --quiet shot "$$file" -o "target/extremes/$$name-$$1-$$2.png" --force --size "$$1" --theme "$$2" </dev/null || exit 1; \
		done; \
	done

install: setup ## Install the command steepest for this user
	$(CARGO) install --path . --locked

# PROFILE=release re-uses what is compiled.
package: setup ## Build an archive and a Debian package into target/packages, and try the latter
	scripts/package.sh
	@if ls target/packages/steepest_*.deb >/dev/null 2>&1; then scripts/test-package.sh; fi

clean: ## Remove what was built
	$(CARGO) clean

setup: # What the app needs: Rust, a C++ compiler, a Vulkan driver, the X11 libraries
	@scripts/setup.sh run

setup-checks: # The same, and what the checks need
	@scripts/setup.sh checks
