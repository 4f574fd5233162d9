//! Progress of long work. Bars show on a terminal only, and stay away where a program reads.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

/// Progress through so many bytes.
pub fn byte_bar(what: &'static str, bytes: u64, wanted: bool) -> ProgressBar {
    bar(what, bytes, wanted, "{msg} [{wide_bar}] {bytes}/{total_bytes} {eta}")
}

/// Progress through so many things.
pub fn count_bar(what: &'static str, count: u64, wanted: bool) -> ProgressBar {
    bar(what, count, wanted, "{msg} [{wide_bar}] {human_pos}/{human_len} {eta}")
}

fn bar(what: &'static str, length: u64, wanted: bool, template: &str) -> ProgressBar {
    let target = if wanted && std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    // Cleared at the end, so that the answer stands alone.
    ProgressBar::with_draw_target(Some(length), target)
        .with_style(style)
        .with_message(what)
        .with_finish(ProgressFinish::AndClear)
}
