//! Members of objects, looked for in the order in which core systems write them.

/// Reads every member of an object: each key with what its value is for. A key given twice or unknown ends the reading,
/// as does a value that cannot be read.
///
/// The keys are gone through in their order, again until the object ends. Each is compared as it is written without
/// white space; a key that is written otherwise is looked up by its name.
macro_rules! object {
    ($cursor:ident, { $($key:literal => $value:expr),* $(,)? }) => {{
        const KEYS: &[&str] = &[$($key),*];
        let mut read = || {
            if !$cursor.object()? {
                return Some(());
            }
            let mut seen = 0_u32;
            let mut named: Option<usize> = None;
            loop {
                let before = seen;
                let (mut at, mut bit) = (0_usize, 1_u32);
                $(
                    let is_next = match named {
                        None => $cursor.key(concat!("\"", $key, "\":")),
                        Some(own) => own == at,
                    };
                    if is_next {
                        if seen & bit != 0 {
                            return None;
                        }
                        seen |= bit;
                        named = None;
                        $value;
                        if !$cursor.more(b'}')? {
                            return Some(());
                        }
                    }
                    at = at.wrapping_add(1);
                    bit <<= 1;
                )*
                let _ = (at, bit);
                if seen == before {
                    named = Some($cursor.any_key(KEYS)?);
                }
            }
        };
        read()
    }};
}
pub(super) use object;
