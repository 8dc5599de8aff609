//! C view of [`crate::iir_q15`]. A state is a header, then the sections.

use super::{Status, slice, slice_mut, status};
use crate::iir_q15::{self, COEFFICIENTS, IirQ15Section};

#[repr(C)]
pub struct IirQ15Header {
    n_sections: usize,
}

/// Bytes that the state for so many coefficients takes.
#[unsafe(no_mangle)]
pub extern "C" fn eml_iir_q15_size(n_coefficients: usize) -> usize {
    size_of::<IirQ15Header>() + n_coefficients / COEFFICIENTS * size_of::<IirQ15Section>()
}

unsafe fn sections<'a>(state: *mut IirQ15Header) -> &'a mut [IirQ15Section] {
    // SAFETY: the header is followed by as many sections as it says, for which any bytes are good.
    unsafe { slice_mut(state.add(1).cast(), (*state).n_sections) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_iir_q15_init(state: *mut IirQ15Header, coefficients: *const i16, len: usize) -> Status {
    // SAFETY: the module's contract.
    unsafe {
        state.write(IirQ15Header {
            n_sections: len / COEFFICIENTS,
        });
        status(iir_q15::init(sections(state), slice(coefficients, len)))
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eml_iir_q15_run(state: *mut IirQ15Header, values: *mut i16, len: usize) {
    // SAFETY: the module's contract.
    unsafe { iir_q15::run(sections(state), slice_mut(values, len)) }
}
