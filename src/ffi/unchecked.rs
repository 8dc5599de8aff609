//! Access without a check, for loops that run on what was validated before, where checks would cost a tenth or more.
//!
//! Each function says what its caller must know to be true. With debug assertions, which all tests and fuzzing have on, each
//! call is checked all the same.

/// `items[index]`; there are more than `index`.
#[inline(always)]
pub fn item<T>(items: &[T], index: usize) -> &T {
    debug_assert!(index < items.len());
    // SAFETY: the caller's.
    unsafe { items.get_unchecked(index) }
}

/// `items[..n]`; there are at least `n`.
#[inline(always)]
pub fn first<T>(items: &[T], n: usize) -> &[T] {
    debug_assert!(n <= items.len());
    // SAFETY: the caller's.
    unsafe { items.get_unchecked(..n) }
}

/// `items[items.len() + index]`; `index` is negative, and not beyond the first.
#[inline(always)]
pub fn item_from_end<T>(items: &[T], index: isize) -> &T {
    debug_assert!(index < 0 && index.unsigned_abs() <= items.len());
    // SAFETY: the caller's.
    unsafe { &*items.as_ptr_range().end.offset(index) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    const ITEMS: [u8; 3] = [1, 2, 3];

    #[test]
    fn inside() {
        for n in 0..3 {
            assert_eq!(*item(&ITEMS, n), ITEMS[n]);
            assert_eq!(*item_from_end(&ITEMS, n as isize - 3), ITEMS[n]);
            assert_eq!(first(&ITEMS, n + 1), &ITEMS[..=n]);
        }
        assert!(first(&ITEMS, 0).is_empty());
    }

    #[test]
    fn outside_is_noticed() {
        assert!(catch_unwind(|| *item(&ITEMS, 3)).is_err());
        assert!(catch_unwind(|| first(&ITEMS, 4).len()).is_err());
        for index in [-4, 0, 1, isize::MIN] {
            assert!(catch_unwind(|| *item_from_end(&ITEMS, index)).is_err());
        }
    }
}
