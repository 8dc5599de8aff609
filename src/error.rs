use crate::ffi::Message;
use core::{ffi::CStr, fmt};

/// Why a call was refused.
///
/// An error is its message, so that a module carries only the texts it can raise, and `Result<(), Error>` is one pointer.
/// A `%u` in it stands for the place in the input that the function reports beside the error.
/// Every kernel error is a `ValueError` in Python.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error(pub(crate) Message);

/// The longest message, for which the glue has room, with a number of up to 20 digits in it.
const MAX_BYTES: usize = 76;

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $message:literal;)*) => {
        impl Error {
            $($(#[$doc])* pub const $name: Error = {
                assert!($message.count_bytes() <= MAX_BYTES);
                // A static has a section of its own, which the linker can drop; string constants share one.
                static MESSAGE: [u8; $message.count_bytes() + 1] = *$message.to_bytes_with_nul().first_chunk().unwrap();
                Error(Message::new(&MESSAGE))
            };)*
        }
    };
}

errors! {
    /// A container has no room for another element.
    FULL = c"line %u: too many";
    /// A model that must be empty is not.
    NOT_EMPTY = c"model is not empty";
    /// Something refers to what does not exist, or there is none of what every model has.
    NO_SUCH = c"model incomplete, line %u";
    /// A record is not as it should be, or a number in it is out of range.
    MALFORMED = c"line %u: malformed";
    /// Two arrays have unsupported types or different lengths, or they overlap.
    ARRAYS = c"expected separate b B h H f arrays of one length";
    /// Limits of an input that span no range.
    LIMITS = c"in_min equals in_max";
    /// A set of items has no room for another.
    NO_ROOM = c"model is full";
    /// There are less items than neighbours that vote.
    FEW_ITEMS = c"less than %u items";
    /// A matrix has not as many rows as there are targets, or none.
    ROWS = c"X, y: expected n_features values for each of y";
    /// There are more rows than a model has room for.
    MANY_ROWS = c"X, y: more than max_samples rows";
    /// A label is no class.
    LABELS = c"y: expected 0 to n_classes - 1";
    /// Trees need more nodes than there may be.
    NODES = c"more than max_nodes nodes";
    /// A training goes on that has not begun.
    NOT_BEGUN = c"training has not begun";
    /// A model that must be trained is not.
    NOT_TRAINED = c"model is not trained";
    /// A matrix of rows has not as many as one of their classes, or none.
    CLASSES = c"X, y: expected n_features values for each n_classes of y";
    /// A method of a model came before what it builds on.
    ORDER = c"expected fit_start, then step and finalize_component for each component";
    /// Vectors are not as long or as many as they must be.
    VECTORS = c"wrong vector lengths";
    /// Filter coefficients are not six a section, of at least one section, with 1 or 0 where that must be.
    SECTIONS = c"coefficients: expected sections of six";
    /// The bytes are no model, or one of another number type, or of more than the possible.
    NO_MODEL = c"model: not a .tmdl of this type";
    /// A layer of a model is cut short, contradicts itself or its neighbours, or is unknown.
    MALFORMED_LAYER = c"model: layer %u is malformed";
    /// A number of points is not a power of two, or too large.
    POINTS = c"n: expected a power of two";
    /// Arrays have not the length they must have.
    LENGTH = c"wrong length";
}

impl Error {
    /// The message, with `%u` for the place.
    pub fn message(self) -> &'static CStr {
        self.0.get()
    }
}

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
