//! A charge, and what it follows from: the browser works it out by the rules that the books went by.

use std::fmt;
use std::str::FromStr;

use domain::Money;
use domain::meter::Meter;

/// As it stands in a document: `0.2778 768 217 0 1 1 600`, the charge, the seconds, then the [`Meter`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Charge {
    pub(crate) charged: Money,
    pub(crate) talked: u32,
    /// The steps of the price.
    pub(crate) meter: Meter,
}

/// A text of another version of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotACharge;

impl Charge {
    /// What it comes to here.
    pub(crate) fn worked_out(&self) -> Money {
        self.meter.cost(self.talked)
    }
}

impl fmt::Display for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            charged,
            talked,
            meter,
        } = self;
        write!(f, "{charged} {talked} {meter}")
    }
}

impl FromStr for Charge {
    type Err = NotACharge;

    fn from_str(text: &str) -> Result<Self, NotACharge> {
        let mut parts = text.splitn(3, ' ');
        let mut next = || parts.next().ok_or(NotACharge);
        Ok(Self {
            charged: next()?.parse().map_err(|_| NotACharge)?,
            talked: next()?.parse().map_err(|_| NotACharge)?,
            meter: next()?.parse().map_err(|_| NotACharge)?,
        })
    }
}
