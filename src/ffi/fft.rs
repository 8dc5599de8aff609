//! C view of [`crate::fft`]. A state is an [`FftHeader`], then the twiddle factors.

use super::{Status, slice, slice_mut, status};
use crate::fft::{Fft, FftHeader};

/// Bytes that a state takes.
#[unsafe(no_mangle)]
pub extern "C" fn eml_fft_size(n: usize, size: &mut usize) -> Status {
    status(Fft::table_len(n).map(|len| *size = size_of::<FftHeader>() + len * size_of::<[f32; 2]>()))
}

/// `n` is one that `eml_fft_size` has taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_fft_init(state: *mut FftHeader, n: u32) {
    // SAFETY: the state has room for its header and a twiddle factor for each two points.
    unsafe {
        state.write(FftHeader { n });
        Fft::new(slice_mut(state.add(1).cast(), n as usize / 2));
    }
}

/// `re` and `im` have the state's `n` values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_fft_run(state: *const FftHeader, re: *mut f32, im: *mut f32) {
    // SAFETY: a state is a header and the table that `eml_fft_init` made.
    unsafe {
        let n = (*state).n as usize;
        let _fits = Fft::from_table(slice(state.add(1).cast(), n / 2)).run(slice_mut(re, n), slice_mut(im, n));
    }
}
