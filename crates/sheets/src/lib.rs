//! A firm's directory as CSV sheets: areas, outlets, engineers, customers with their contacts,
//! devices.
//!
//! Bytes go in; what would be added and changed comes out, or errors with file, line, column and
//! what to do, in English and Chinese. Entries are named by the firm's own codes, from which their
//! ids follow, so neither the order of files nor that of lines matters. A column that is not in a
//! file leaves its field as it is, an empty cell empties it, and an entry that is in no file stays
//! as it is. Nothing is recorded while there is an error, unless that is asked for.
//!
//! `text` makes text of bytes, `table` rows of text, `sheet` knows which sheets and columns there
//! are. `column` is the shape of the five modules that follow it, one for each sheet. `plan`
//! compares rows with the directory: it lets `domain` decide, as the engine will, so there is no
//! second set of rules. `load` hands the plan to the engine, and is all that knows of it. Files,
//! HTTP and terminals are others' matter.

mod text;

mod sheet;
mod table;

mod column;

mod area;
mod customer;
mod device;
mod engineer;
mod outlet;

mod difference;
mod plan;
mod world;

mod load;
mod report;
mod wrong;

pub use load::{How, LoadError, Sender, load, preview};
pub use report::{Counts, EntryChange, Fault, FieldChange, FileView, Outcome, Report};
pub use sheet::{ColumnInfo, Sheet, UnknownSheet};
pub use table::ROWS_MAX;
pub use text::{BYTES_MAX, FILES_MAX, SheetText};
