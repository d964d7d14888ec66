//! A telephone switch, simulated: it places calls and sends messages through the wallet's charging
//! API as any switch would, well or badly on request. Nobody hears anything.
//!
//! - `door` is what the wallet and developers ask; `board` keeps calls and plans.
//! - `course` runs a call from the first question to the last word; `talk` is the part in between.
//! - `line` sends and writes down each request; `garble` makes the malformed ones.
//! - `report` tells late what could not be told in time.
//!
//! | request | body |
//! |---|---|
//! | `POST /originate` | `{call_id, wallet, from?, to, plan?}`: 202, and the call takes its course |
//! | `POST /hangup` | `{call_id}` |
//! | `POST /_sandbox/switch/next` | `{outcome, after?, ring?, talk?, beyond?, wallet?, to?}`: the plan of the next call (of this wallet, to this number); outcomes: [`plan::Outcome`] |
//! | `POST /_sandbox/switch/pace` | `{factor}`: simulated seconds in a real one |
//! | `POST /_sandbox/switch/message` | `{wallet, from, to, body, segments?, message_id?}` |
//! | `GET /_sandbox/switch/calls?call_id=&wallet=` | calls with everything sent and answered, oldest first |
//! | `GET /_sandbox/switch/messages` | the same of messages |

mod board;
mod call;
mod course;
mod door;
mod garble;
mod line;
mod message;
mod plan;
mod report;
mod talk;
mod watch;

pub(crate) use board::Board;
pub(crate) use call::Call;
pub(crate) use course::run;
pub(crate) use door::router;
pub(crate) use plan::Outcome;
pub(crate) use report::run as run_reports;
