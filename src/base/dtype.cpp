// Names of the element types, as numpy writes them.
#include "papilio/view.h"

namespace papilio {

const char* name_of(DType type) {
  constexpr std::array<const char*, 10> names{"float32", "float64", "complex64", "complex128",
                                              "int8",    "uint8",   "int16",     "uint16",
                                              "int24",   "int32"};
  return names[static_cast<std::size_t>(type)];
}

}  // namespace papilio
