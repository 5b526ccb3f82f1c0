// Numbers to bytes.
#include "codegen/tables.h"

namespace papilio::codegen {

std::size_t Tables::store(const void* data, std::size_t size) {
  constexpr std::size_t kAlign = 16;
  const auto* first = static_cast<const std::byte*>(data);
  const std::string key(static_cast<const char*>(data), size);
  const auto [found, fresh] = known_.emplace(key, bytes_.size());
  if (!fresh) return found->second;
  bytes_.insert(bytes_.end(), first, first + size);
  bytes_.resize((bytes_.size() + kAlign - 1) / kAlign * kAlign);
  return found->second;
}

std::size_t Tables::add(const std::vector<double>& values) {
  if (real_ == DType::f64) return store(values.data(), values.size() * sizeof(double));
  const std::vector<float> single(values.begin(), values.end());
  return store(single.data(), single.size() * sizeof(float));
}

std::size_t Tables::add(const std::vector<std::complex<double>>& values) {
  std::vector<double> parts;
  parts.reserve(2 * values.size());
  for (const std::complex<double>& value : values) {
    parts.push_back(value.real());
    parts.push_back(value.imag());
  }
  return add(parts);
}

std::size_t Tables::add(const std::vector<std::int32_t>& values) {
  return store(values.data(), values.size() * sizeof(std::int32_t));
}

}  // namespace papilio::codegen
