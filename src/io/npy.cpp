// .npy as a signal: strided views into the mapped file where the machine can read them as they
// lie, a gather per chunk where it cannot (foreign byte order, odd alignment, tangled strides).
#include "io/npy.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "base/buffer.h"
#include "base/text.h"
#include "io/mapped_file.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

// Pages of a mapped file are given back after about this many bytes were touched.
constexpr std::int64_t kReleaseBytes = std::int64_t{16} << 20;
constexpr std::int64_t kPageBytes = 4096;
// Up to here every integer is a double.
constexpr std::int64_t kMostExact = std::int64_t{1} << 53;

struct KnownType {
  char type;
  std::int64_t size;
  DType dtype;
};
constexpr KnownType kKnownTypes[] = {
    {'f', 4, DType::f32},   {'f', 8, DType::f64}, {'c', 8, DType::c64},
    {'c', 16, DType::c128}, {'i', 1, DType::i8},  {'u', 1, DType::u8},
    {'i', 2, DType::i16},   {'u', 2, DType::u16}, {'i', 4, DType::i32},
};

std::string type_name(const NpyHeader& header) {
  const std::string bits = std::to_string(8 * header.size);
  switch (header.type) {
    case 'f':
      return "float" + bits;
    case 'i':
      return "int" + bits;
    case 'u':
      return "uint" + bits;
    case 'c':
      return "complex" + bits;
    case 'b':
      return "bool";
    case 'S':
    case 'U':
      return "text";
    case 'M':
    case 'm':
      return "dates";
    default:
      return std::string("type '") + header.type + "'";
  }
}

std::string conversion_advice(const NpyHeader& header) {
  if (header.type == 'f' && header.size == 2) return "convert with x.astype('float32')";
  if (header.type == 'u' && header.size == 4) return "convert with x.astype('float64')";
  if (header.type == 'b') return "convert with x.astype('uint8')";
  if (header.type == 'c') return "convert with x.astype('complex128')";
  if (header.type == 'S' || header.type == 'U' || header.type == 'V') {
    return "save an array of numbers, such as float32";
  }
  return "convert with x.astype('float64')";
}

bool is_int64(const NpyHeader& header) { return header.type == 'i' && header.size == 8; }

DType supported_dtype(const NpyHeader& header, const std::string& name, bool wide_integers) {
  if (wide_integers && is_int64(header)) return DType::f64;
  for (const KnownType& known : kKnownTypes) {
    if (known.type == header.type && known.size == header.size) return known.dtype;
  }
  throw UserError("[io] " + name + " holds " + type_name(header) +
                  ", which is not read (float32, float64, int8, uint8, int16, uint16, int32, " +
                  "complex64, complex128 are); " + conversion_advice(header));
}

std::vector<std::int64_t> byte_strides(const NpyHeader& header) {
  const std::size_t rank = header.shape.size();
  std::vector<std::int64_t> strides(rank);
  std::int64_t stride = header.size;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::size_t axis = header.fortran_order ? i : rank - 1 - i;
    strides[axis] = stride;
    stride *= header.shape[axis];
  }
  return strides;
}

class NpyReader : public SignalReader {
 public:
  NpyReader(std::unique_ptr<MappedFile> file, std::span<const std::byte> bytes,
            const std::string& name, const OpenOptions& options)
      : file_(std::move(file)), bytes_(bytes), header_(parse_npy_header(bytes, name)) {
    info_.path = name;
    info_.kind = "npy";
    info_.dtype = supported_dtype(header_, name, options.wide_integers);
    arrange_axes(options);
    check_counts(options);
    join_leading_axes();
    info_.names = default_names(info_.rows);
    const bool foreign = header_.size > 1 && (header_.order == (little() ? '>' : '<'));
    // A complex number may stand wherever its parts may.
    const std::int64_t part = is_complex(info_.dtype) ? header_.size / 2 : header_.size;
    swap_ = foreign ? part : 0;
    direct_ = single_stride_ && !foreign && !is_int64(header_) &&
              reinterpret_cast<std::uintptr_t>(bytes_.data() + header_.offset) % part == 0;
  }

  std::int64_t read(std::int64_t max_samples, Block& out) override {
    const std::int64_t count = std::clamp<std::int64_t>(max_samples, 0, info_.samples - position_);
    give_back_pages(count);
    base::TensorView view;
    view.dtype = info_.dtype;
    view.rank = 2;
    view.shape = {info_.rows, count};
    view.scale = info_.scale;
    if (direct_) {
      view.data = const_cast<std::byte*>(first() + position_ * time_stride_);
      view.byte_strides = {row_stride_, time_stride_};
    } else {
      gather(count);
      view.data = gathered_.data();
      view.byte_strides = {count * header_.size, header_.size};
    }
    out.view = view;
    out.start = position_;
    position_ += count;
    return count;
  }

  void seek(std::int64_t sample) override {
    position_ = std::clamp<std::int64_t>(sample, 0, info_.samples);
  }

 private:
  static bool little() { return std::endian::native == std::endian::little; }
  const std::byte* first() const { return bytes_.data() + header_.offset; }

  // Moves the time axis last.
  void arrange_axes(const OpenOptions& options) {
    const int rank = static_cast<int>(header_.shape.size());
    const std::string& name = info_.path;
    if (rank == 0) {
      throw UserError("[io] " + name + " holds a single number (no axis); save at least one row");
    }
    const int asked = options.time_axis.value_or(-1);
    const int axis = asked < 0 ? asked + rank : asked;
    if (axis < 0 || axis >= rank) {
      throw UserError("[io] " + name + " has " + std::to_string(rank) + " axes; --time-axis " +
                      std::to_string(asked) + " is none of them");
    }
    leading_shape_ = header_.shape;
    leading_strides_ = byte_strides(header_);
    info_.samples = leading_shape_[axis];
    time_stride_ = leading_strides_[axis];
    leading_shape_.erase(leading_shape_.begin() + axis);
    leading_strides_.erase(leading_strides_.begin() + axis);
    info_.leading_axes = leading_shape_.empty() ? std::vector<std::int64_t>{1} : leading_shape_;
    info_.rows = std::accumulate(leading_shape_.begin(), leading_shape_.end(), std::int64_t{1},
                                 std::multiplies<>());
  }

  // Whether the leading axes of an array with samples step like one.
  void join_leading_axes() {
    std::int64_t rows = 0;  // joined so far
    for (std::size_t i = leading_shape_.size(); i-- > 0 && single_stride_;) {
      if (leading_shape_[i] == 1) continue;
      if (rows == 0) {
        row_stride_ = leading_strides_[i];
        rows = leading_shape_[i];
      } else {
        single_stride_ = leading_strides_[i] == row_stride_ * rows;
        rows *= leading_shape_[i];
      }
    }
  }

  void check_counts(const OpenOptions& options) const {
    const std::string& name = info_.path;
    if (info_.rows == 0 || info_.samples == 0) {
      throw UserError("[io] " + name + " holds no samples (" + std::to_string(info_.rows) +
                      " rows of " + std::to_string(info_.samples) + "); save a filled array");
    }
    if (options.check_orientation && !options.time_axis && header_.shape.size() == 2 &&
        info_.rows > info_.samples && info_.samples < 64) {
      throw UserError("[io] " + name + " has " + std::to_string(info_.rows) + " rows of only " +
                      std::to_string(info_.samples) +
                      " samples; if time runs down the rows give --time-axis 0, if they really "
                      "are that short give --time-axis -1");
    }
  }

  void give_back_pages(std::int64_t count) {
    if (!file_) return;
    if (touched_ > kReleaseBytes) {
      file_->release();
      touched_ = 0;
    }
    const std::int64_t near = std::min(std::abs(row_stride_), std::abs(time_stride_));
    const bool runs = std::abs(time_stride_) <= near;
    touched_ += runs ? info_.rows * std::max(count * header_.size, kPageBytes)
                     : count * std::max(info_.rows * header_.size, kPageBytes);
  }

  const std::byte* row_start(std::int64_t row) const {
    const std::byte* at = first();
    for (std::size_t i = leading_shape_.size(); i-- > 0;) {
      at += row % leading_shape_[i] * leading_strides_[i];
      row /= leading_shape_[i];
    }
    return at;
  }

  void gather(std::int64_t count) {
    const std::size_t size = static_cast<std::size_t>(header_.size);
    gathered_.reserve(static_cast<std::size_t>(info_.rows * count) * size);
    std::byte* to = gathered_.data();
    for (std::int64_t row = 0; row < info_.rows; ++row) {
      const std::byte* from = row_start(row) + position_ * time_stride_;
      for (std::int64_t i = 0; i < count; ++i, to += size, from += time_stride_) {
        std::memcpy(to, from, size);
      }
    }
    if (swap_ > 1) {
      for (std::byte* at = gathered_.data(); at < to; at += swap_) std::reverse(at, at + swap_);
    }
    if (is_int64(header_)) widen(count);
  }

  // What was gathered, from int64 to float64.
  void widen(std::int64_t count) {
    std::byte* at = gathered_.data();
    for (std::int64_t i = 0; i < info_.rows * count; ++i, at += sizeof(double)) {
      std::int64_t integer = 0;
      std::memcpy(&integer, at, sizeof(integer));
      if (integer < -kMostExact || integer > kMostExact) {
        throw UserError("[io] " + info_.path + ": row " + std::to_string(i / count) +
                        " holds the integer " + std::to_string(integer) +
                        ", which float64 may not hold exactly (2^53 at most); save smaller "
                        "numbers, or x.astype('float64') if rounding does not matter");
      }
      const auto number = static_cast<double>(integer);
      std::memcpy(at, &number, sizeof(number));
    }
  }

  std::unique_ptr<MappedFile> file_;
  std::span<const std::byte> bytes_;
  NpyHeader header_;
  std::vector<std::int64_t> leading_shape_;
  std::vector<std::int64_t> leading_strides_;
  std::int64_t row_stride_ = 0;
  std::int64_t time_stride_ = 0;
  bool single_stride_ = true;
  bool direct_ = true;
  std::int64_t swap_ = 0;  // bytes of one number to reverse, 0: none
  std::int64_t position_ = 0;
  std::int64_t touched_ = 0;
  base::Buffer<std::byte> gathered_;
};

}  // namespace

ReaderPtr open_npy(const std::string& path, const OpenOptions& options) {
  auto file = std::make_unique<MappedFile>(path);
  const std::span<const std::byte> bytes = file->bytes();
  return std::make_unique<NpyReader>(std::move(file), bytes, path, options);
}

ReaderPtr open_npy(std::span<const std::byte> bytes, const std::string& name,
                   const OpenOptions& options) {
  return std::make_unique<NpyReader>(nullptr, bytes, name, options);
}

}  // namespace papilio::io
