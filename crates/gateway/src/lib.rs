//! HTTP in and out: commands, queries, feed and stream.
