# Short names for what is done often; `just` lists them.

_list:
    @just --list --unsorted

# Format, lints, all tests, docs and dependencies: what a commit passes.
check: test doc deny

# All tests, with all that they need; arguments go to the runner.
test *arguments:
    tests/run {{arguments}}

# Format everything.
fmt:
    cargo fmt --all

# The documentation, without warnings.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Licences, bans and advisories (needs cargo-deny).
deny:
    cargo deny --workspace check

# Power cuts (ext4 on a loop device; as root).
powercut cuts="100":
    PAIDAN_TEST_CUTS={{cuts}} cargo test --package paidan-eventlog --test power_cut -- --nocapture --test-threads=1
    PAIDAN_TEST_CUTS={{cuts}} cargo test --package paidan-projector --test power_cut -- --nocapture
    PAIDAN_TEST_CUTS={{cuts}} cargo test --package paidan-audit --test power_cut -- --nocapture --test-threads=1

# Writers killed at random moments; the same seed chooses the same moments.
kills kills="500" seed="42":
    PAIDAN_TEST_KILLS={{kills}} PAIDAN_TEST_SEED={{seed}} cargo test --package paidan-eventlog --test kill -- --nocapture

# Import of a real year of history, and starts with and without snapshots (docs/benchmarks.md).
measure file map:
    tests/measure/import_and_start {{file}} {{map}}

# A real day's reports in compressed time against gateway, NATS and dispatcher (docs/replay.md).
replay file="../shared/data/incident_event_log.csv.gz" factor="300" seed="42":
    cargo run -p paidan-tests --example replay -- {{file}} {{factor}} {{seed}}

# The log beside a bare file and sled, and what grows with it; on the disk of this directory (docs/benchmarks.md).
bench directory="/tmp":
    cargo bench -p paidan-eventlog --bench log -- waiting --dir {{directory}}
    cargo bench -p paidan-eventlog --bench log -- growth --dir {{directory}}

# A firm left to chance under a virtual clock: more seeds than the tests run, or one of them step by step.
simulate *arguments:
    cargo run --release -p paidan-simulation --bin simulate -- {{arguments}}

# The dispatcher's core with a million open tickets (docs/benchmarks-dispatcher.md).
dispatcher-scale tickets="1000000":
    cargo run --release -p paidan-dispatcher --example scale -- {{tickets}}

# Changed bytes through every decoder of log, snapshots and imports, so many seconds each.
fuzz seconds="60":
    PAIDAN_FUZZ_SECONDS={{seconds}} cargo test --package paidan-eventlog --test fuzz -- --nocapture --test-threads=2
    PAIDAN_FUZZ_SECONDS={{seconds}} cargo test --package paidan-projector --test promises any_bytes -- --nocapture --test-threads=2
    PAIDAN_FUZZ_SECONDS={{seconds}} cargo test --package paidan --test import_any_bytes -- --nocapture --test-threads=2

# Events per second through the read models.
fold:
    cargo run --release -p paidan-projector --example fold_speed -- 300000

# The rollup of satisfaction in PostgreSQL and a Python library, beside Paidan's (docs/benchmarks.md).
rollup-elsewhere *arguments:
    tests/measure/rollup_elsewhere/run {{arguments}}

# Commands per second over HTTP, each durable, beside PostgreSQL (docs/benchmarks-http.md).
bench-http directory="/tmp" seconds="10":
    cargo build --release -p paidan
    cargo run --release -p paidan-gateway --example command_speed -- {{directory}} {{seconds}}

# Spans to a collector: the feature that is off by default, and its test against a local sink.
otel:
    cargo test --package paidan --features otel --test spans_go_to_a_collector
