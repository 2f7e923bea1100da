//! The rules by which a shipper redacts lines.

use crate::{redaction::Rules, shipper::Shipper};
use log_redaction::Redaction;

impl Shipper {
    /// Redacts each line before it is sent, and before it is written to the file of rejected or of waiting lines. The log files stay as they
    /// are.
    ///
    /// A line that is a JSON object is redacted by its keys, paths and patterns, and any other line by patterns. Time, level and ids stay. A
    /// line is redacted on its own, after parts that a container runtime has split are joined, and before it is cut to the server's limit.
    /// Lines of several megabytes are [sent in parts](crate#order-and-memory), and each part is redacted on its own.
    ///
    /// Pseudonyms need a key, so that a line is the same when it is sent again. [`start`](Self::start) and the other methods that ship
    /// return an error without one.
    ///
    /// ```
    /// use log_redaction::Redaction;
    /// use traceship::{Loki, Shipper};
    ///
    /// let rules = Redaction::new().secrets().emails().key("ssn");
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_redaction(rules);
    /// # let _ = shipper;
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn with_redaction(mut self, redaction: Redaction) -> Self {
        self.settings.rules = Rules::new(redaction, &self.settings.fixed_keys);
        self
    }
}
