// Passes of learned butterflies over rows: how the stages are cut into passes, and which weight
// stands where in the table.
#include "kernels/row_butterfly.h"

#include <algorithm>
#include <bit>
#include <type_traits>

#include "hwy/cache_control.h"
#include "kernels/row_fft_core.h"

namespace papilio::kernels {
namespace {

/// The lowest `bits` bits of value, read backwards.
std::int64_t reversed_bits(std::int64_t value, int bits) {
  std::int64_t result = 0;
  for (int bit = 0; bit < bits; ++bit) result |= (value >> bit & 1) << (bits - 1 - bit);
  return result;
}

/// Rows that take turns; longer ones would push the buffers out of the second cache.
constexpr std::int64_t kGroup = 2, kLongestGrouped = std::int64_t{1} << 13;
/// Bytes of rows and results that lie near enough: to ask for them costs more than it brings.
constexpr std::int64_t kNear = std::int64_t{4} << 20;
/// Rows of one call where they stay in registers.
constexpr std::int64_t kSquareGroup = std::int64_t{1} << 30;

}  // namespace

/// The first pass must fill whole squares of registers and leave strides of whole vectors; the rest
/// is cut evenly. Empty where that cannot be.
template <typename T>
std::vector<int> RowButterfly<T>::split(int stages, const ButterflyKernels<T>& kernels) {
  if (2 * kernels.square.stages == stages) return {stages / 2, stages / 2};
  const std::int64_t lanes = kernels.lanes;
  const int least = std::max(1, std::countr_zero(static_cast<std::uint64_t>(lanes)));
  for (int first = kMostStages; first >= least; --first) {
    const int rest = stages - first;
    if (rest < std::max(1, least - (lanes > 1 ? 1 : 0))) continue;
    std::vector<int> cut{first};
    const int passes = (rest + kMostStages - 1) / kMostStages;
    for (int i = 0; i < passes; ++i) cut.push_back((rest + i) / passes);
    return cut;
  }
  return {};
}

template <typename T>
bool RowButterfly<T>::possible(int stages, Isa isa) {
  return stages <= 24 && !split(stages, butterfly_kernels<T>(isa)).empty();
}

template <typename T>
RowButterfly<T>::RowButterfly(int stages, Isa isa)
    : stages_(stages), kernels_(butterfly_kernels<T>(isa)) {
  int done = 0;
  for (const int part : split(stages, kernels_)) {
    Pass pass;
    pass.stages = part;
    pass.shape.span = std::int64_t{1} << done;
    pass.shape.in_j = n() >> part;
    pass.shape.count = pass.shape.in_j / pass.shape.span;
    pass.table = table_size();
    if (done == 0) two_rows_ = pass.shape.count < kernels_.lanes;
    if (done > 0) {
      pass.visited = visits_;
      visits_ += pass.shape.count * (pass.shape.span / kernels_.lanes);
    }
    map_pass(pass, done);
    passes_.push_back(pass);
    done += part;
  }
}

/// Butterfly of stage s, with q < n / 2m the position of its elements in the decimated sequence and
/// k < m: block g m + k, where g is q read backwards, since the network's first stage reads its
/// input in digit-reversed order.
template <typename T>
void RowButterfly<T>::map_pass(const Pass& pass, int done) {
  const std::int64_t lanes = kernels_.lanes, blocks = n() / 2;
  const bool along_p = done == 0;
  const std::int64_t own = along_p || is_square() ? lanes / abreast() : lanes;
  const std::int64_t runs = along_p ? 1 : pass.shape.count;
  const std::int64_t length = along_p ? pass.shape.count : pass.shape.span;
  for (std::int64_t run = 0; run < runs; ++run) {
    for (std::int64_t block = 0; block < length; block += own) {
      for (int t = 0; t < pass.stages; ++t) {
        const int distance = 1 << (pass.stages - 1 - t), bits = stages_ - done - t - 1;
        for (int i = 0; i < 1 << (pass.stages - 1); ++i) {
          const std::int64_t c = reversed_bits(i / distance, t), j = i % distance;
          for (std::int64_t lane = 0; lane < lanes; ++lane) {
            const std::int64_t at = block + lane % own;
            const std::int64_t p = along_p ? at : run, k = along_p ? 0 : at;
            const std::int64_t q = p + j * pass.shape.count;
            const std::int64_t m = pass.shape.span << t;
            const std::int64_t g = reversed_bits(q, bits);
            map_.push_back(
                static_cast<std::int32_t>((done + t) * blocks + g * m + k + pass.shape.span * c));
          }
        }
      }
    }
  }
}

template <typename T>
std::int64_t RowButterfly<T>::row_size() const {
  return 2 * padded(n());
}

template <typename T>
std::int64_t RowButterfly<T>::group() const {
  if (is_square()) return kSquareGroup;
  return n() <= kLongestGrouped ? kGroup : abreast();
}

template <typename T>
template <typename U>
auto RowButterfly<T>::buffer(U* buffers, std::size_t index) const {
  U* re = buffers + static_cast<std::int64_t>(index) * group() * row_size();
  if constexpr (std::is_const_v<U>) {
    return Source<T>{re, re + padded(n())};
  } else {
    return Target<T>{re, re + padded(n())};
  }
}

template <typename T>
const FirstButterflyPasses<T>& RowButterfly<T>::first() const {
  const auto& table = two_rows_ ? kernels_.first_of_two : kernels_.first;
  return table[static_cast<std::size_t>(passes_[0].stages)];
}

template <typename T>
const ButterflyPasses<T>& RowButterfly<T>::wide(std::size_t pass) const {
  return kernels_.wide[static_cast<std::size_t>(passes_[pass].stages)];
}

// Two buffers, and staged rows of a row alone.
template <typename T>
std::int64_t RowButterfly<T>::work_size() const {
  return (is_square() ? 0 : 2 * group() * row_size()) + (two_rows_ ? 2 * 4 * n() : 0);
}

// The inputs of all passes but the first, and two buffers for the gradients.
template <typename T>
std::int64_t RowButterfly<T>::backward_work_size() const {
  const auto buffers = static_cast<std::int64_t>(passes_.size()) + 1;
  return (is_square() ? 0 : buffers * group() * row_size()) + (two_rows_ ? 3 * 4 * n() : 0);
}

template <typename T>
std::int64_t RowButterfly<T>::kept_size() const {
  return is_square() ? 0 : static_cast<std::int64_t>(passes_.size() - 1) * row_size();
}

template <typename T>
void RowButterfly<T>::pack_signed(const std::complex<T>* weights, T* table, T sign) const {
  const auto lanes = static_cast<std::size_t>(kernels_.lanes);
  for (std::size_t block = 0; block < map_.size(); block += lanes, table += 2 * lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::complex<T> w = weights[map_[block + lane]];
      table[lane] = w.real();
      table[lanes + lane] = sign * w.imag();
    }
  }
}

template <typename T>
void RowButterfly<T>::unpack_add_signed(const T* table, std::complex<T>* weights, T sign) const {
  const auto lanes = static_cast<std::size_t>(kernels_.lanes);
  for (std::size_t block = 0; block < map_.size(); block += lanes, table += 2 * lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      weights[map_[block + lane]] += std::complex<T>(table[lane], sign * table[lanes + lane]);
    }
  }
}

template <typename T>
void RowButterfly<T>::pack(const std::complex<T>* weights, T* table) const {
  pack_signed(weights, table, T(1));
}

template <typename T>
void RowButterfly<T>::pack_conjugate(const std::complex<T>* weights, T* table) const {
  pack_signed(weights, table, T(-1));
}

template <typename T>
void RowButterfly<T>::unpack_add(const T* table, std::complex<T>* weights) const {
  unpack_add_signed(table, weights, T(1));
}

template <typename T>
void RowButterfly<T>::unpack_add_conjugate(const T* table, std::complex<T>* weights) const {
  unpack_add_signed(table, weights, T(-1));
}

/// A row alone, where two share vectors, gets a neighbour of zeros: what it reads is copied in
/// front of one, and what it writes comes back from in front of another.
template <typename T>
PairRows<T> RowButterfly<T>::beside_zeros(PairRows<T> row, T*& work) const {
  auto* pair = reinterpret_cast<std::complex<T>*>(work);
  work += 4 * n();
  if (row.values != nullptr) std::copy_n(row.values, n(), pair);
  std::fill_n(pair + n(), n(), std::complex<T>());
  return {pair, n()};
}

template <typename T>
Ahead RowButterfly<T>::next_rows(PairRows<T> read, PairRows<T> written, std::int64_t group,
                                 std::int64_t row, std::int64_t rows) const {
  constexpr auto size = static_cast<std::int64_t>(sizeof(std::complex<T>));
  if (rows - row < 2 * group || 2 * rows * n() * size <= kNear) return {};
  // Rows far apart would ask for what lies between them; long ones the processor foresees.
  if (4 * read.step > 5 * n() || n() > kLongestGrouped) return {};
  NextRows<T> next{read.from(group).pairs().re, nullptr, 0, 0, 2 * group * read.step};
  if (written.values != nullptr) next.out = written.from(group).pairs().re;
  return ask_ahead(next, 0, visits_ * group);
}

template <typename T>
bool RowButterfly<T>::can_stream(PairRows<T> dst, Writes writes) const {
  const auto on_line = [](const std::complex<T>* at) {
    return reinterpret_cast<std::uintptr_t>(at) % 64 == 0;
  };
  return writes == Writes::streamed && fills_lines<T>(kernels_.lanes / abreast()) &&
         on_line(dst.values) && on_line(dst.from(1).values);
}

template <typename T>
void RowButterfly<T>::forward(const T* table, PairRows<T> src, PairRows<T> dst, std::int64_t rows,
                              T* work, Writes writes, T* kept) const {
  each_group(&RowButterfly::forward_group, table, src, dst, rows, work, writes, kept);
}

template <typename T>
void RowButterfly<T>::transposed(const T* table, PairRows<T> src, PairRows<T> dst,
                                 std::int64_t rows, T* work, Writes writes) const {
  each_group(&RowButterfly::transposed_group, table, src, dst, rows, work, writes, nullptr);
}

template <typename T>
void RowButterfly<T>::each_group(Group run, const T* table, PairRows<T> src, PairRows<T> dst,
                                 std::int64_t rows, T* work, Writes writes, T* kept) const {
  const auto kept_of = [&](std::int64_t row) {
    return kept == nullptr ? nullptr : kept + row * kept_size();
  };
  ButterflyCall call;
  call.streamed = can_stream(dst, writes);
  const std::int64_t whole = rows / abreast() * abreast();
  for (std::int64_t row = 0; row < whole; row += call.rows) {
    const PairRows<T> from = src.from(row), to = dst.from(row);
    call.rows = std::min(group(), whole - row);
    call.ahead = next_rows(from, call.streamed ? PairRows<T>{} : to, call.rows, row, whole);
    (this->*run)(table, from, to, call, work, kept_of(row));
  }
  if (call.streamed) hwy::FlushStream();
  if (whole == rows) return;
  const PairRows<T> from = beside_zeros(src.from(whole), work), to = beside_zeros({}, work);
  call.rows = 2;
  call.streamed = false;
  call.ahead = {};
  (this->*run)(table, from, to, call, work, kept_of(whole));
  std::copy_n(to.values, n(), dst.from(whole).values);
}

template <typename T>
void RowButterfly<T>::backward(const T* table, PairRows<T> x, PairRows<T> g, PairRows<T> dx,
                               std::int64_t rows, T* gradient, T* work, const T* kept) const {
  const auto kept_of = [&](std::int64_t row) {
    return kept == nullptr ? nullptr : kept + row * kept_size();
  };
  const bool wanted = dx.values != nullptr;
  if (!wanted) dx.step = 0;
  ButterflyCall call;
  const std::int64_t whole = rows / abreast() * abreast();
  for (std::int64_t row = 0; row < whole; row += call.rows) {
    call.rows = std::min(group(), whole - row);
    call.ahead = next_rows(x.from(row), g.from(row), call.rows, row, whole);
    backward_group(table, x.from(row), g.from(row), dx.from(row), call, gradient, work,
                   kept_of(row));
  }
  if (whole == rows) return;
  const PairRows<T> one = beside_zeros(x.from(whole), work),
                    back = beside_zeros(g.from(whole), work),
                    to = wanted ? beside_zeros({}, work) : PairRows<T>{};
  call.rows = 2;
  call.ahead = {};
  backward_group(table, one, back, to, call, gradient, work, kept_of(whole));
  if (wanted) std::copy_n(to.values, n(), dx.from(whole).values);
}

template <typename T>
void RowButterfly<T>::forward_group(const T* table, PairRows<T> src, PairRows<T> dst,
                                    ButterflyCall call, T* work, T* kept) const {
  const std::size_t last = passes_.size() - 1;
  const Ahead ahead = call.ahead;
  call.src_step = 2 * src.step;
  if (is_square()) {
    call.dst_step = 2 * dst.step;
    return kernels_.square.forward(table, call, src.pairs(), dst.target());
  }
  const auto between = [&](std::size_t i) {
    return kept == nullptr ? buffer(work, i % 2) : buffer(kept, i);
  };
  call.dst_step = row_size();
  first().forward(passes_[0].shape, table, call, src.pairs(), between(0));
  call.src_step = row_size();
  for (std::size_t i = 1; i <= last; ++i) {
    const Pass& pass = passes_[i];
    if (i == last) call.dst_step = 2 * dst.step;
    call.ahead.at = after_visits(ahead.at, ahead.lines, pass.visited * call.rows);
    wide(i).forward[i == last ? 1 : 0](pass.shape, table + pass.table, call,
                                       as_source(between(i - 1)),
                                       i == last ? dst.target() : between(i));
  }
}

template <typename T>
void RowButterfly<T>::transposed_group(const T* table, PairRows<T> src, PairRows<T> dst,
                                       ButterflyCall call, T* work, T* /*kept*/) const {
  const std::size_t last = passes_.size() - 1;
  const Ahead ahead = call.ahead;
  if (is_square()) {
    call.src_step = 2 * src.step;
    call.dst_step = 2 * dst.step;
    return kernels_.square.transposed(table, call, src.pairs(), dst.target());
  }
  call.dst_step = row_size();
  for (std::size_t i = last; i > 0; --i) {
    const Pass& pass = passes_[i];
    call.src_step = i == last ? 2 * src.step : row_size();
    call.ahead.at = after_visits(ahead.at, ahead.lines, pass.visited * call.rows);
    wide(i).transposed[i == last ? 1 : 0](pass.shape, table + pass.table, call,
                                          i == last ? src.pairs() : as_source(buffer(work, i % 2)),
                                          buffer(work, (i - 1) % 2));
  }
  call.src_step = row_size();
  call.dst_step = 2 * dst.step;
  first().transposed(passes_[0].shape, table, call, as_source(buffer(work, 0)), dst.target());
}

// Buffer i holds the input of pass i + 1.
template <typename T>
void RowButterfly<T>::fill_buffers(const T* table, PairRows<T> x, ButterflyCall call,
                                   T* buffers) const {
  call.ahead = {};
  call.src_step = 2 * x.step;
  call.dst_step = row_size();
  first().forward(passes_[0].shape, table, call, x.pairs(), buffer(buffers, 0));
  call.src_step = row_size();
  for (std::size_t i = 1; i + 1 < passes_.size(); ++i) {
    wide(i).forward[0](passes_[i].shape, table + passes_[i].table, call,
                       as_source(buffer(buffers, i - 1)), buffer(buffers, i));
  }
}

// The gradients on their way back take turns in two buffers after those of the inputs.
template <typename T>
void RowButterfly<T>::backward_group(const T* table, PairRows<T> x, PairRows<T> g, PairRows<T> dx,
                                     ButterflyCall call, T* gradient, T* work,
                                     const T* kept) const {
  const std::size_t last = passes_.size() - 1;
  const Ahead ahead = call.ahead;
  if (is_square()) {
    call.ahead = {};
    call.src_step = 2 * x.step;
    call.dst_step = 2 * dx.step;
    return kernels_.square.gradient(table, gradient, call, x.pairs(), g.pairs(), 2 * g.step,
                                    dx.target());
  }
  if (kept == nullptr) {
    fill_buffers(table, x, call, work);
    kept = work;
  }
  call.src_step = call.dst_step = row_size();
  for (std::size_t i = last; i > 0; --i) {
    const Pass& pass = passes_[i];
    call.ahead.at = after_visits(ahead.at, ahead.lines, pass.visited * call.rows);
    wide(i).gradient[i == last ? 1 : 0](
        pass.shape, table + pass.table, gradient + pass.table, call, buffer(kept, i - 1),
        i == last ? g.pairs() : as_source(buffer(work, last + i % 2)),
        i == last ? 2 * g.step : row_size(), buffer(work, last + (i - 1) % 2));
  }
  call.ahead = {};
  call.src_step = 2 * x.step;
  call.dst_step = 2 * dx.step;
  first().gradient(passes_[0].shape, table, gradient, call, x.pairs(),
                   as_source(buffer(work, last)), row_size(), dx.target());
}

template class RowButterfly<float>;
template class RowButterfly<double>;

}  // namespace papilio::kernels
