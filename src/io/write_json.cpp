// JSON output, streamed: large arrays never exist as a tree of values.
#include <cstring>

#include "io/result.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

constexpr std::size_t kFlushBytes = 1 << 16;

class ArrayText {
 public:
  ArrayText(const NamedArray& array, std::string& text, const Sink& sink)
      : array_(array), text_(text), sink_(sink) {}

  void write(std::size_t axis) {
    if (axis == array_.shape.size()) {
      write_element();
      return;
    }
    text_ += '[';
    for (std::int64_t i = 0; i < array_.shape[axis]; ++i) {
      if (i > 0) text_ += ", ";
      write(axis + 1);
    }
    text_ += ']';
    if (text_.size() > kFlushBytes) {
      sink_(text_);
      text_.clear();
    }
  }

 private:
  template <typename T>
  T next() {
    T value;
    if ((index_ + 1) * sizeof(T) > array_.bytes.size()) {
      throw InternalError("[out] " + array_.name + ": shape and bytes disagree");
    }
    std::memcpy(&value, array_.bytes.data() + index_++ * sizeof(T), sizeof(T));
    return value;
  }

  template <typename T>
  void complex_pair() {
    const T value = next<T>();
    text_ += '[';
    base::append_number(text_, value.real());
    text_ += ", ";
    base::append_number(text_, value.imag());
    text_ += ']';
  }

  void write_element() {
    switch (array_.element) {
      case Element::f32:
        return base::append_number(text_, next<float>());
      case Element::f64:
        return base::append_number(text_, next<double>());
      case Element::c64:
        return complex_pair<std::complex<float>>();
      case Element::c128:
        return complex_pair<std::complex<double>>();
      case Element::i64:
        text_ += std::to_string(next<std::int64_t>());
        return;
      case Element::u8:
        text_ += std::to_string(static_cast<int>(next<std::uint8_t>()));
        return;
      case Element::text:
        return base::append_string(text_, array_.texts.at(index_++));
    }
  }

  const NamedArray& array_;
  std::string& text_;
  const Sink& sink_;
  std::size_t index_ = 0;
};

}  // namespace

void write_json(const Result& result, const Sink& sink) {
  std::string text = "{\"meta\": " + base::dump(result.meta);
  for (const NamedArray& array : result.arrays) {
    text += ", ";
    base::append_string(text, array.name);
    text += ": ";
    ArrayText(array, text, sink).write(0);
  }
  text += "}";
  sink(text);
}

}  // namespace papilio::io
