//! What answers look like. Kept apart from the domain's and the log's types, so that neither can
//! change the API by accident.

mod event;
mod receipt;
mod row;
mod ticket;

pub(crate) use event::{EventView, LogView};
pub(crate) use receipt::ReceiptView;
pub(crate) use row::RowView;
pub(crate) use ticket::{ReportView, TicketView};
