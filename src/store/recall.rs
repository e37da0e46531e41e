//! What was read not long ago. It holds while this program has written nothing since, and for a second at most, so that
//! what other programs write is seen too.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::RwLock;
use std::time::{Duration, Instant};

/// How long something holds that another program may have changed.
const HOLDS: Duration = Duration::from_secs(1);

/// How many there are at most. Then all are forgotten, and read again when they are asked for.
const MOST: usize = 1_000;

/// A moment of the store; what is read after it was taken holds from it on.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub(super) writes: u64,
    pub(super) at: Instant,
}

/// What was read, by what was asked.
pub struct Recall<K, V>(RwLock<HashMap<K, (Moment, V)>>);

impl<K, V> Default for Recall<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Eq + Hash, V: Clone> Recall<K, V> {
    /// What was read, if it still holds now.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, now: Moment, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        // What a thread left that died is not trusted.
        let kept = self.0.read().ok()?;
        let (read, value) = kept.get(key)?;
        let holds = read.writes == now.writes && now.at.saturating_duration_since(read.at) < HOLDS;
        holds.then(|| value.clone())
    }

    /// Keeps what was read after a moment.
    pub fn put(&self, read: Moment, key: K, value: V) {
        if let Ok(mut kept) = self.0.write() {
            if kept.len() >= MOST {
                kept.clear();
            }
            kept.insert(key, (read, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_until_something_is_written_and_for_a_second() {
        let at = Instant::now();
        let (first, kept) = (Moment { writes: 7, at }, Recall::<String, u8>::default());
        kept.put(first, "a".to_owned(), 1);
        let later = |millis, writes| Moment { writes, at: at + Duration::from_millis(millis) };
        assert_eq!(kept.get(later(999, 7), "a"), Some(1));
        assert_eq!(kept.get(later(1_000, 7), "a"), None);
        assert_eq!(kept.get(later(1, 8), "a"), None);
        assert_eq!(kept.get(first, "b"), None);
        // Read before a write, put after it: not what the store says now.
        kept.put(later(5, 7), "c".to_owned(), 2);
        assert_eq!(kept.get(later(6, 8), "c"), None);
    }

    #[test]
    fn it_never_grows_without_end() {
        let (now, kept) = (Moment { writes: 0, at: Instant::now() }, Recall::<usize, usize>::default());
        for number in 0..=MOST {
            kept.put(now, number, number);
        }
        assert_eq!((kept.get(now, &0), kept.get(now, &MOST)), (None, Some(MOST)));
    }
}
