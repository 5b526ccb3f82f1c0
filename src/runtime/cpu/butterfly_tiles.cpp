// Butterfly networks stage by stage on tiles.
//
// An inverse network of twiddles w is a forward one of conj(w) between exchanged parts, since
// A(w) x conjugated is conj(A)(conj w) conj(x): tiles are loaded, and stored, with re and im
// exchanged, and twiddles conjugated where they enter and leave the tables.
#include "runtime/cpu/butterfly_tiles.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "papilio/error.h"
#include "transform/blocks.h"
#include "transform/roots.h"

namespace papilio::runtime {
namespace {

constexpr std::int64_t kMostTileBytes = std::int64_t{4} << 20;
constexpr std::int64_t kMostPartBytes = std::int64_t{28} << 10;
constexpr std::int64_t kMostKeptBytes = std::int64_t{32} << 20;

template <typename T>
constexpr std::int64_t bytes(std::int64_t values) {
  return values * static_cast<std::int64_t>(sizeof(T));
}

transform::Matrix dft_matrix(int radix, bool linear) {
  transform::Matrix dft(radix, radix);
  for (int q = 0; q < radix; ++q) {
    for (int j = linear ? 1 : 0; j < radix; ++j) dft.at(q, j) = transform::unit_root(q * j, radix);
  }
  return dft;
}

/// One element of a tile, of all lanes, to its place or from it.
template <typename T>
void move_element(const kernels::Source<T>& x, const std::vector<std::int32_t>& places,
                  bool backwards, std::size_t i, std::int64_t lanes, const kernels::Target<T>& y) {
  const std::int64_t here = static_cast<std::int64_t>(i) * lanes, there = places[i] * lanes;
  const std::int64_t from = backwards ? there : here, to = backwards ? here : there;
  const std::size_t size = static_cast<std::size_t>(lanes) * sizeof(T);
  std::memcpy(y.re + to, x.re + from, size);
  std::memcpy(y.im + to, x.im + from, size);
}

/// All of them. Copies of a known size are a few instructions, others are calls.
template <std::int64_t kLanes, typename T>
void move_elements(const kernels::Source<T>& x, const std::vector<std::int32_t>& places,
                   bool backwards, const kernels::Target<T>& y) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    move_element(x, places, backwards, i, kLanes, y);
  }
}

template <typename T>
std::complex<double> widened(std::complex<T> value, bool conjugate) {
  const auto im = static_cast<double>(value.imag());
  return {static_cast<double>(value.real()), conjugate ? -im : im};
}

template <typename T>
void write(std::complex<double> value, T* at) {
  at[0] = static_cast<T>(value.real());
  at[1] = static_cast<T>(value.imag());
}

}  // namespace

template <typename T>
TileButterfly<T>::TileButterfly(const ir::ButterflyAttrs& attrs, kernels::Isa isa, TileLanes lanes)
    : layout_(transform::layout_of(attrs.radices)),
      inverse_(attrs.inverse && !attrs.block),
      transposed_(attrs.transposed) {
  const auto& widths = kernels::tile_block_kernels<T>(isa);
  const bool narrow =
      lanes == TileLanes::fitting && bytes<T>(2 * n() * widths[0].lanes) > kMostTileBytes;
  kernels_ = widths[narrow ? 1 : 0];
  in_order_.resize(static_cast<std::size_t>(n()));
  std::iota(in_order_.begin(), in_order_.end(), 0);
  permuted_ = in_order_;
  if (attrs.permutation != nullptr) {
    if (attrs.permutation->size() != permuted_.size()) {
      throw InternalError("[butterfly] the permutation has another length than the network");
    }
    for (std::size_t i = 0; i < permuted_.size(); ++i) {
      permuted_[static_cast<std::size_t>((*attrs.permutation)[i])] = static_cast<std::int32_t>(i);
    }
  }
  for (int s = attrs.first; s < attrs.last; ++s) add_stage(attrs, s);
  for (const Stage& stage : stages_) {
    const std::int64_t part = stage.shape.radix * stage.shape.stride;
    if (bytes<T>(2 * part * kernels_.lanes) > kMostPartBytes) break;
    low_part_ = part;
    ++low_;
  }
  for (Stage& stage : stages_) {
    stage.part = stage.shape;
    stage.part.groups = low_part_ / (stage.shape.radix * stage.shape.stride);
  }
  kept_ = std::max<std::int64_t>(1, stages());
  if (bytes<T>((stages() + 1) * tile_size()) > kMostKeptBytes) {
    kept_ = 1;
    while (kept_ * kept_ < stages()) ++kept_;
  }
}

template <typename T>
void TileButterfly<T>::add_stage(const ir::ButterflyAttrs& attrs, int s) {
  const transform::StageShape shape = layout_.stage(s);
  const auto radix = static_cast<int>(shape.radix);
  Stage stage;
  stage.shape = {radix, shape.stride, shape.blocks() / shape.stride};
  stage.blocks = shape.blocks();
  stage.parameter = parameters_;
  stage.table = table_;
  if (attrs.block) {
    stage.held = Held::blocks;
  } else if (!attrs.linear && kernels_.has_twiddles(radix)) {
    stage.held = Held::twiddles;
  } else {
    stage.held = Held::products;
    stage.dft = dft_matrix(radix, attrs.linear);
  }
  const bool twiddles = stage.held == Held::twiddles;
  stage.kernels =
      twiddles ? kernels_.of_twiddles(radix, transposed_) : kernels_.of_blocks(radix, transposed_);
  parameters_ += shape.blocks() * (attrs.block ? radix * radix : radix - 1);
  stage.per_block = 2 * (twiddles ? radix - 1 : radix * radix);
  table_ += stage.blocks * stage.per_block;
  stages_.push_back(std::move(stage));
}

template <typename T>
void TileButterfly<T>::pack(const std::complex<T>* p, T* table) const {
  for (const Stage& stage : stages_) {
    const std::int64_t r = stage.shape.radix;
    const std::complex<T>* from = p + stage.parameter;
    T* to = table + stage.table;
    if (stage.held != Held::products) {
      const std::int64_t count = stage.blocks * (stage.held == Held::blocks ? r * r : r - 1);
      for (std::int64_t i = 0; i < count; ++i) write(widened(from[i], inverse_), to + 2 * i);
      continue;
    }
    for (std::int64_t b = 0; b < stage.blocks; ++b, from += r - 1) {
      for (std::int64_t q = 0; q < r; ++q) {
        write(stage.dft.at(q, 0), to);
        to += 2;
        for (std::int64_t j = 1; j < r; ++j, to += 2) {
          write(transform::product(stage.dft.at(q, j), widened(from[j - 1], inverse_)), to);
        }
      }
    }
  }
}

// M_qj = F_qj w_j, so dw_j = sum_q conj(F_qj) dM_qj.
template <typename T>
void TileButterfly<T>::unpack_add(const T* gradient_table, std::complex<T>* dp) const {
  const auto add = [this](std::complex<double> value, std::complex<T>& to) {
    const double im = inverse_ ? -value.imag() : value.imag();
    to += std::complex<T>(static_cast<T>(value.real()), static_cast<T>(im));
  };
  for (const Stage& stage : stages_) {
    const std::int64_t r = stage.shape.radix;
    const auto* from = reinterpret_cast<const std::complex<T>*>(gradient_table + stage.table);
    std::complex<T>* to = dp + stage.parameter;
    if (stage.held != Held::products) {
      const std::int64_t count = stage.blocks * (stage.held == Held::blocks ? r * r : r - 1);
      for (std::int64_t i = 0; i < count; ++i) add(widened(from[i], false), to[i]);
      continue;
    }
    for (std::int64_t b = 0; b < stage.blocks; ++b, from += r * r, to += r - 1) {
      for (std::int64_t j = 1; j < r; ++j) {
        std::complex<double> sum = 0;
        for (std::int64_t q = 0; q < r; ++q) {
          sum += transform::product(std::conj(stage.dft.at(q, j)), widened(from[q * r + j], false));
        }
        add(sum, to[j - 1]);
      }
    }
  }
}

// Planes and tiles keep off one another's cache sets: eight lines more than a power of two.
template <typename T>
std::int64_t TileButterfly<T>::plane() const {
  constexpr auto line = static_cast<std::int64_t>(64 / sizeof(T));
  return (n() * kernels_.lanes + line - 1) / line * line + 8 * line;
}

template <typename T>
kernels::Target<T> TileButterfly<T>::tile(T* work, std::int64_t index) const {
  T* re = work + index * tile_size();
  return {re, re + plane()};
}

// The first input of every segment, the others of one segment, and the gradient.
template <typename T>
std::int64_t TileButterfly<T>::backward_work_size() const {
  return (std::max<std::int64_t>(1, segments()) + kept_) * tile_size();
}

template <typename T>
kernels::Target<T> TileButterfly<T>::input(T* work, std::int64_t segment, std::int64_t i) const {
  return tile(work, i == 0 ? segment : std::max<std::int64_t>(1, segments()) + i - 1);
}

template <typename T>
const typename TileButterfly<T>::Stage& TileButterfly<T>::stage(std::int64_t i) const {
  return stages_[static_cast<std::size_t>(transposed_ ? stages() - 1 - i : i)];
}

template <typename T>
void TileButterfly<T>::load(kernels::PairRows<T> rows, std::int64_t count, bool permuted,
                            kernels::Target<T> tile) const {
  if (inverse_) std::swap(tile.re, tile.im);
  kernels_.load_pairs(rows.pairs().re, 2 * rows.step, count, n(),
                      (permuted ? permuted_ : in_order_).data(), tile);
}

template <typename T>
void TileButterfly<T>::store(kernels::Target<T> tile, std::int64_t count, bool permuted,
                             kernels::PairRows<T> rows) const {
  if (inverse_) std::swap(tile.re, tile.im);
  kernels_.store_pairs(kernels::as_source(tile), (permuted ? permuted_ : in_order_).data(), count,
                       n(), rows.target().re, 2 * rows.step);
}

// Every stage on part after part, where all of them stay inside the parts.
template <typename T>
template <class Body>
void TileButterfly<T>::for_parts_of(std::int64_t begin, std::int64_t end, std::int64_t size,
                                    bool backwards, Body&& body) const {
  if (begin >= end) return;
  for (Part part{0, 0, false}; part.first < n(); part.first += size, ++part.index) {
    for (std::int64_t i = begin; i < end; ++i) body(backwards ? begin + end - 1 - i : i, part);
  }
}

// The first stages join neighbours: they run on one part of the tile after another, each of which
// stays in the first cache. The others join what lies further apart and run one by one.
template <typename T>
template <class Body>
void TileButterfly<T>::for_parts(std::int64_t begin, std::int64_t end, bool backwards,
                                 Body&& body) const {
  const std::int64_t turn = std::clamp(transposed_ ? stages() - low_ : low_, begin, end);
  const auto low = [&] {
    for_parts_of(transposed_ ? turn : begin, transposed_ ? end : turn, low_part_, backwards, body);
  };
  if (transposed_ == backwards) low();
  const std::int64_t first = transposed_ ? begin : turn, last = transposed_ ? turn : end;
  for (std::int64_t i = first; i < last; ++i) {
    body(backwards ? first + last - 1 - i : i, Part{});
  }
  if (transposed_ != backwards) low();
}

template <typename T>
const kernels::TileStageShape& TileButterfly<T>::shape_of(const Stage& stage, Part part) const {
  return part.whole ? stage.shape : stage.part;
}

template <typename T>
std::int64_t TileButterfly<T>::table_of(const Stage& stage, Part part) const {
  return stage.table + part.index * stage.part.groups * stage.part.stride * stage.per_block;
}

template <typename T>
kernels::Target<T> TileButterfly<T>::part_of(kernels::Target<T> tile, Part part) const {
  return {tile.re + part.first * kernels_.lanes, tile.im + part.first * kernels_.lanes};
}

template <typename T>
void TileButterfly<T>::run_stage(std::int64_t i, Part part, const T* table, kernels::Target<T> from,
                                 kernels::Target<T> to) const {
  const Stage& one = stage(i);
  one.kernels.run(shape_of(one, part), table + table_of(one, part),
                  kernels::as_source(part_of(from, part)), part_of(to, part));
}

template <typename T>
void TileButterfly<T>::run_stages(std::int64_t begin, std::int64_t end, const T* table,
                                  kernels::Target<T> from, kernels::Target<T> to) const {
  for_parts(begin, end, false, [&](std::int64_t i, Part part) {
    run_stage(i, part, table, i == begin ? from : to, to);
  });
}

template <typename T>
void TileButterfly<T>::forward(const T* table, kernels::PairRows<T> x, kernels::PairRows<T> y,
                               std::int64_t rows, T* work) const {
  const kernels::Target<T> own = tile(work, 0);
  for (std::int64_t row = 0; row < rows; row += kernels_.lanes) {
    const std::int64_t count = std::min(kernels_.lanes, rows - row);
    load(x.from(row), count, !transposed_, own);
    run_stages(0, stages(), table, own, own);
    store(own, count, transposed_, y.from(row));
  }
}

template <typename T>
void TileButterfly<T>::move(kernels::Source<T> x, const std::vector<std::int32_t>& places,
                            bool backwards, kernels::Target<T> y) const {
  switch (kernels_.lanes) {
    case 4:
      return move_elements<4>(x, places, backwards, y);
    case 8:
      return move_elements<8>(x, places, backwards, y);
    case 16:
      return move_elements<16>(x, places, backwards, y);
    default:
      for (std::size_t i = 0; i < places.size(); ++i) {
        move_element(x, places, backwards, i, kernels_.lanes, y);
      }
  }
}

template <typename T>
void TileButterfly<T>::run_tile(const T* table, kernels::Source<T> x, kernels::Target<T> y,
                                kernels::Target<T> work) const {
  if (inverse_) {
    std::swap(x.re, x.im);
    std::swap(y.re, y.im);
    std::swap(work.re, work.im);
  }
  if (!transposed_) {
    move(x, permuted_, false, y);
    run_stages(0, stages(), table, y, y);
    return;
  }
  move(x, in_order_, false, work);
  run_stages(0, stages(), table, work, work);
  if (work.re != y.re) move(kernels::as_source(work), permuted_, true, y);
}

template <typename T>
void TileButterfly<T>::backward_segment(std::int64_t segment, const T* table,
                                        kernels::Target<T> back, T* gradient_table, T* work) const {
  const std::int64_t first = segment * kept_, last = std::min(first + kept_, stages());
  for_parts(first, last - 1, false, [&](std::int64_t i, Part part) {
    run_stage(i, part, table, input(work, segment, i - first), input(work, segment, i - first + 1));
  });
  for_parts(first, last, true, [&](std::int64_t i, Part part) {
    const Stage& one = stage(i);
    const kernels::Target<T> from = part_of(input(work, segment, i - first), part);
    one.kernels.gradient(shape_of(one, part), table + table_of(one, part), kernels::as_source(from),
                         part_of(back, part), gradient_table + table_of(one, part));
  });
}

template <typename T>
void TileButterfly<T>::backward(const T* table, kernels::PairRows<T> x, kernels::PairRows<T> g,
                                kernels::PairRows<T> dx, std::int64_t rows, T* gradient_table,
                                T* work) const {
  const kernels::Target<T> back = tile(work, std::max<std::int64_t>(1, segments()) + kept_ - 1);
  for (std::int64_t row = 0; row < rows; row += kernels_.lanes) {
    const std::int64_t count = std::min(kernels_.lanes, rows - row);
    load(x.from(row), count, !transposed_, tile(work, 0));
    for (std::int64_t segment = 0; segment + 1 < segments(); ++segment) {
      run_stages(segment * kept_, (segment + 1) * kept_, table, tile(work, segment),
                 tile(work, segment + 1));
    }
    load(g.from(row), count, transposed_, back);
    for (std::int64_t segment = segments() - 1; segment >= 0; --segment) {
      backward_segment(segment, table, back, gradient_table, work);
    }
    if (dx.values != nullptr) store(back, count, !transposed_, dx.from(row));
  }
}

template class TileButterfly<float>;
template class TileButterfly<double>;

}  // namespace papilio::runtime
