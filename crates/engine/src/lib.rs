//! The write side: orders commands, decides, appends, answers when durable.
