// Passes of learned butterflies over rows: how the stages are cut into passes, and which weight
// stands where in the table.
#include "kernels/row_butterfly.h"

#include <algorithm>

#include "kernels/row_fft_core.h"

namespace papilio::kernels {
namespace {

/// The lowest `bits` bits of value, read backwards.
std::int64_t reversed_bits(std::int64_t value, int bits) {
  std::int64_t result = 0;
  for (int bit = 0; bit < bits; ++bit) result |= (value >> bit & 1) << (bits - 1 - bit);
  return result;
}

int log2_of(std::int64_t power) {
  int bits = 0;
  while (std::int64_t{1} << (bits + 1) <= power) ++bits;
  return bits;
}

}  // namespace

/// The first pass must fill whole squares of registers and leave strides of whole vectors; the rest
/// is cut evenly. Empty where that cannot be.
template <typename T>
std::vector<int> RowButterfly<T>::split(int stages, std::int64_t lanes) {
  const int least = std::max(1, log2_of(lanes));
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
  return stages <= 24 && !split(stages, butterfly_kernels<T>(isa).lanes).empty();
}

template <typename T>
RowButterfly<T>::RowButterfly(int stages, Isa isa)
    : stages_(stages), kernels_(butterfly_kernels<T>(isa)) {
  int done = 0;
  for (const int part : split(stages, kernels_.lanes)) {
    Pass pass;
    pass.stages = part;
    pass.shape.span = std::int64_t{1} << done;
    pass.shape.in_j = n() >> part;
    pass.shape.count = pass.shape.in_j / pass.shape.span;
    pass.shape.row = row_size();
    pass.table = table_size();
    if (done == 0) two_rows_ = pass.shape.count < kernels_.lanes;
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
  const std::int64_t own = along_p ? lanes / abreast() : lanes;
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
Target<T> RowButterfly<T>::buffer(T* work, std::int64_t index, std::int64_t row) const {
  T* re = work + (index * abreast() + row) * row_size();
  return {re, re + padded(n())};
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

template <typename T>
std::int64_t RowButterfly<T>::backward_work_size() const {
  // The inputs of all passes but the first, and two buffers for the gradients.
  const auto buffers = static_cast<std::int64_t>(passes_.size()) + 1;
  return buffers * abreast() * row_size() + (two_rows_ ? 3 * 4 * n() : 0);
}

template <typename T>
std::int64_t RowButterfly<T>::work_size() const {
  return 2 * abreast() * row_size() + (two_rows_ ? 2 * 4 * n() : 0);
}

template <typename T>
void RowButterfly<T>::pack(const std::complex<T>* weights, T* table) const {
  const auto lanes = static_cast<std::size_t>(kernels_.lanes);
  for (std::size_t block = 0; block < map_.size(); block += lanes, table += 2 * lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::complex<T> w = weights[map_[block + lane]];
      table[lane] = w.real();
      table[lanes + lane] = w.imag();
    }
  }
}

template <typename T>
void RowButterfly<T>::unpack_add(const T* table, std::complex<T>* weights) const {
  const auto lanes = static_cast<std::size_t>(kernels_.lanes);
  for (std::size_t block = 0; block < map_.size(); block += lanes, table += 2 * lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      weights[map_[block + lane]] += std::complex<T>(table[lane], table[lanes + lane]);
    }
  }
}

/// A row alone, where two share vectors, gets a neighbour of zeros: what it reads is copied in
/// front of one, and what it writes comes back from in front of another.
template <typename T>
Rows<T> RowButterfly<T>::beside_zeros(Rows<T> row, T*& work) const {
  auto* pair = reinterpret_cast<std::complex<T>*>(work);
  work += 4 * n();
  if (row.values != nullptr) std::copy_n(row.values, n(), pair);
  std::fill_n(pair + n(), n(), std::complex<T>());
  return {pair, n()};
}

template <typename T>
void RowButterfly<T>::forward(const T* table, Rows<T> src, Rows<T> dst, std::int64_t rows,
                              T* work) const {
  std::int64_t row = 0;
  for (; row + abreast() <= rows; row += abreast()) {
    forward_group(table, src.from(row), dst.from(row), work);
  }
  if (row == rows) return;
  const Rows<T> from = beside_zeros(src.from(row), work), to = beside_zeros({}, work);
  forward_group(table, from, to, work);
  std::copy_n(to.values, n(), dst.from(row).values);
}

template <typename T>
void RowButterfly<T>::transposed(const T* table, Rows<T> src, Rows<T> dst, std::int64_t rows,
                                 T* work) const {
  std::int64_t row = 0;
  for (; row + abreast() <= rows; row += abreast()) {
    transposed_group(table, src.from(row), dst.from(row), work);
  }
  if (row == rows) return;
  const Rows<T> from = beside_zeros(src.from(row), work), to = beside_zeros({}, work);
  transposed_group(table, from, to, work);
  std::copy_n(to.values, n(), dst.from(row).values);
}

template <typename T>
void RowButterfly<T>::backward(const T* table, Rows<T> x, Rows<T> g, Rows<T> dx, std::int64_t rows,
                               T* gradient, T* work) const {
  std::int64_t row = 0;
  for (; row + abreast() <= rows; row += abreast()) {
    backward_group(table, x.from(row), g.from(row), dx.from(row), gradient, work);
  }
  if (row == rows) return;
  const Rows<T> one = beside_zeros(x.from(row), work), back = beside_zeros(g.from(row), work),
                to = beside_zeros({}, work);
  backward_group(table, one, back, to, gradient, work);
  std::copy_n(to.values, n(), dx.from(row).values);
}

template <typename T>
void RowButterfly<T>::forward_group(const T* table, Rows<T> src, Rows<T> dst, T* work) const {
  const std::size_t last = passes_.size() - 1;
  first().forward(passes_[0].shape, table, 2 * src.step, src.pairs(), buffer(work, 0, 0));
  for (std::int64_t row = 0; row < abreast(); ++row) {
    for (std::size_t i = 1; i <= last; ++i) {
      const auto place = static_cast<std::int64_t>(i);
      const Target<T> to = i == last ? dst.from(row).target() : buffer(work, place % 2, row);
      wide(i).forward[i == last ? 1 : 0](passes_[i].shape, table + passes_[i].table, 0,
                                         as_source(buffer(work, (place - 1) % 2, row)), to);
    }
  }
}

template <typename T>
void RowButterfly<T>::transposed_group(const T* table, Rows<T> src, Rows<T> dst, T* work) const {
  const std::size_t last = passes_.size() - 1;
  for (std::int64_t row = 0; row < abreast(); ++row) {
    for (std::size_t i = last; i > 0; --i) {
      const auto place = static_cast<std::int64_t>(i);
      const Source<T> from =
          i == last ? src.from(row).pairs() : as_source(buffer(work, place % 2, row));
      wide(i).transposed[i == last ? 1 : 0](passes_[i].shape, table + passes_[i].table, 0, from,
                                            buffer(work, (place - 1) % 2, row));
    }
  }
  first().transposed(passes_[0].shape, table, 2 * dst.step, as_source(buffer(work, 0, 0)),
                     dst.target());
}

// Buffer i holds the input of pass i + 1; the two after them the gradients on their way back.
template <typename T>
void RowButterfly<T>::backward_group(const T* table, Rows<T> x, Rows<T> g, Rows<T> dx, T* gradient,
                                     T* work) const {
  const std::size_t last = passes_.size() - 1;
  const auto grads = static_cast<std::int64_t>(last);
  first().forward(passes_[0].shape, table, 2 * x.step, x.pairs(), buffer(work, 0, 0));
  for (std::int64_t row = 0; row < abreast(); ++row) {
    for (std::size_t i = 1; i < last; ++i) {
      const auto place = static_cast<std::int64_t>(i);
      wide(i).forward[0](passes_[i].shape, table + passes_[i].table, 0,
                         as_source(buffer(work, place - 1, row)), buffer(work, place, row));
    }
    for (std::size_t i = last; i > 0; --i) {
      const auto place = static_cast<std::int64_t>(i);
      const Source<T> dy =
          i == last ? g.from(row).pairs() : as_source(buffer(work, grads + place % 2, row));
      wide(i).gradient[i == last ? 1 : 0](
          passes_[i].shape, table + passes_[i].table, gradient + passes_[i].table,
          as_source(buffer(work, place - 1, row)), dy, buffer(work, grads + (place - 1) % 2, row));
    }
  }
  first().gradient(passes_[0].shape, table, gradient, 2 * x.step, x.pairs(),
                   as_source(buffer(work, grads, 0)), 2 * dx.step, dx.target());
}

template class RowButterfly<float>;
template class RowButterfly<double>;

}  // namespace papilio::kernels
