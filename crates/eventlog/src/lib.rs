//! The append-only log: contract, codec, chain, sled backend and one conformance suite.
