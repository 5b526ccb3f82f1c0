/// Owned, cache-line aligned memory for samples and scratch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

namespace papilio::base {

inline constexpr std::size_t kAlignment = 64;

/// A fixed block of `size` trivially-copyable elements, aligned to 64 bytes, not initialised.
template <typename T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t count) : size_(count), data_(allocate(count)) {}

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_.get()[i]; }
  const T& operator[](std::size_t i) const { return data_.get()[i]; }
  std::span<T> span() { return {data_.get(), size_}; }
  std::span<const T> span() const { return {data_.get(), size_}; }

  /// Grows to at least `count` elements; contents are lost when it grows.
  void reserve(std::size_t count) {
    if (count > size_) *this = Buffer(count);
  }

 private:
  struct Free {
    void operator()(T* p) const { ::operator delete[](p, std::align_val_t{kAlignment}); }
  };
  static T* allocate(std::size_t count) {
    if (count == 0) return nullptr;
    return static_cast<T*>(::operator new[](count * sizeof(T), std::align_val_t{kAlignment}));
  }

  std::size_t size_ = 0;
  std::unique_ptr<T[], Free> data_;
};

}  // namespace papilio::base
