//! Decides who goes, when to try again and what must not be dispatched twice.
