use core::{
    ffi::{CStr, c_char},
    fmt,
    ptr::NonNull,
};

/// Why a call was refused.
///
/// An error is its message, so that a module carries only the texts it can raise, and `Result<(), Error>` is one pointer.
/// A `%u` in it stands for the place in the input that the function reports beside the error.
/// Every kernel error is a `ValueError` in Python.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error(NonNull<c_char>);

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $message:literal;)*) => {
        impl Error {
            $($(#[$doc])* pub const $name: Error = Error(NonNull::new($message.as_ptr().cast_mut()).unwrap());)*
        }
    };
}

errors! {
    /// A container has no room for another element.
    FULL = c"line %u: too many";
    /// A number does not fit its field.
    RANGE = c"line %u: out of range";
    /// A model has no trees.
    NO_TREES = c"no trees";
    /// A model that must be empty is not.
    NOT_EMPTY = c"model is not empty";
    /// A record refers to a node, leaf, feature or class that does not exist.
    NO_SUCH = c"line %u: no such node, leaf, feature or class";
    /// A line of a text model is malformed.
    MALFORMED = c"line %u: malformed";
    /// The bytes are no model, or one of another number type, or of more than the possible.
    NO_MODEL = c"model: expected a .tmdl of this number type";
    /// A layer of a model is cut short, contradicts itself or its neighbours, or is unknown.
    MALFORMED_LAYER = c"model: layer %u is malformed";
}

impl Error {
    /// The message, with `%u` for the place.
    pub fn message(self) -> &'static CStr {
        // SAFETY: `errors!` makes every error from a string constant.
        #[allow(unsafe_code)]
        unsafe {
            CStr::from_ptr(self.0.as_ptr())
        }
    }

    pub(crate) fn as_ptr(self) -> *const c_char {
        self.0.as_ptr()
    }
}

// SAFETY: an error is a constant.
#[allow(unsafe_code)]
unsafe impl Send for Error {}
// SAFETY: an error is a constant.
#[allow(unsafe_code)]
unsafe impl Sync for Error {}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?})", self.message())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message().to_str().unwrap_or_default())
    }
}

impl core::error::Error for Error {}
