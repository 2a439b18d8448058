//! When a writer was acknowledged something: what shows that two sides took writes at a time.

use std::time::{Duration, Instant};

/// A request of which something was acknowledged.
#[derive(Clone, Copy, Debug)]
pub struct Ack {
    pub sent: Instant,
    pub answered: Instant,
}

impl Ack {
    /// Where the other side acknowledged something before this was sent and something that was sent
    /// after this was answered, the shortest time that lies between the two. `others` is in order.
    pub fn surrounded_by(&self, others: &[Self]) -> Option<Duration> {
        let before = others.iter().rev().find(|other| other.answered <= self.sent)?;
        let after = others.iter().find(|other| other.sent >= self.answered)?;
        Some(after.sent - before.answered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ack(began: Instant, sent_ms: u64, answered_ms: u64) -> Ack {
        let at = |millis| began + Duration::from_millis(millis);
        Ack { sent: at(sent_ms), answered: at(answered_ms) }
    }

    #[test]
    fn an_acknowledgement_between_two_of_the_other_side_is_seen() {
        let began = Instant::now();
        let others = |times: &[(u64, u64)]| -> Vec<Ack> {
            times.iter().map(|(sent, answered)| ack(began, *sent, *answered)).collect()
        };
        let one = ack(began, 100, 110);
        let apart = |times| one.surrounded_by(&others(times)).map(|apart| apart.as_millis());
        assert_eq!(apart(&[]), None);
        assert_eq!(apart(&[(50, 60)]), None, "handed over");
        assert_eq!(apart(&[(50, 60), (105, 120)]), None, "it may have been done before");
        assert_eq!(apart(&[(10, 20), (50, 60), (105, 107), (150, 160), (200, 210)]), Some(90));
    }
}
