// The Unix port for AddressSanitizer: the standard variant, whose heap tells the sanitizer what is whose (heap.c).

#include "variants/standard/mpconfigvariant.h"
