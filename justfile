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

# The power-cut tests alone (ext4 on a loop device; as root).
powercut:
    cargo test --workspace --test powercut -- --nocapture
