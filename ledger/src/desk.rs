//! What people at the desk look at: never more than a customer's own page says, and what stands behind it.

mod alarm;
mod dispute;
mod find;
mod house;
mod outbox;
mod refill;
mod wallet;

pub use alarm::{Alarm, late};
pub use dispute::DisputeCase;
pub use find::Found;
pub use house::{HouseAccount, Queue, RefillDay};
pub use outbox::OutboxRow;
pub use refill::RefillTrace;
pub use wallet::{EventTrace, RunningCall, TopUpTrace};
