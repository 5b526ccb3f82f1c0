// Frames and rows into lanes.
#include "runtime/cpu/items.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <limits>

#include "kernels/load.h"

namespace papilio::runtime::cpu {

std::int64_t sample_at(std::int64_t p, ir::PadMode pad, std::int64_t effective,
                       std::int64_t actual) {
  if (p < 0 || p >= effective) {
    switch (pad) {
      case ir::PadMode::none:
      case ir::PadMode::zeros:
        return -1;
      case ir::PadMode::reflect: {
        if (effective == 1) {
          p = 0;
          break;
        }
        const std::int64_t period = 2 * (effective - 1);
        p = ((p % period) + period) % period;
        p = std::min(p, period - p);
        break;
      }
      case ir::PadMode::mirror: {
        const std::int64_t period = 2 * effective;
        p = ((p % period) + period) % period;
        p = std::min(p, period - 1 - p);
        break;
      }
    }
  }
  return p < actual ? p : -1;
}

namespace {

/// Keeps the smallest index of a bad sample; two threads may hold frames of the same row.
void note_bad(RowStatus& status, std::int64_t index) {
  std::atomic_ref<std::int64_t> first(status.first_bad);
  std::int64_t seen = first.load(std::memory_order_relaxed);
  while ((seen < 0 || index < seen) &&
         !first.compare_exchange_weak(seen, index, std::memory_order_relaxed)) {
  }
}

class FrameLanes {
 public:
  FrameLanes(const Source& source, const Samples& samples, const LaneItems& items,
             std::int64_t lanes, std::byte* edge)
      : source_(source), samples_(samples), items_(items), lanes_(lanes), edge_(edge) {
    const ir::FrameRule& rule = source.frame->rule;
    length_ = rule.length;
    // While the row's end is unknown only whole frames are asked for: what is here is enough.
    actual_ = samples.row_samples >= 0 ? samples.row_samples
                                       : samples.first_sample + samples.view.shape[1];
    effective_ = rule.effective_samples(actual_);
    stride_ = samples.view.byte_strides[1];
    padded_ = any_edge();
    if (padded_) {
      gather();
    } else {
      point();
    }
  }

  const std::byte* const* base() const { return base_.data(); }
  std::byte const* lane(std::int64_t l) const { return base_[static_cast<std::size_t>(l)]; }
  void clear(std::int64_t l) { base_[static_cast<std::size_t>(l)] = nullptr; }
  std::int64_t stride() const { return stride_; }
  /// LaneSource::ahead, where the lanes hold consecutive rows.
  std::int64_t ahead() const {
    if (padded_ || lanes_ < 2 || items_.row[1] != items_.row[0] + 1) return 0;
    return lanes_ * samples_.view.byte_strides[0];
  }
  /// Some lane shows made-up samples.
  bool padded() const { return padded_; }
  std::int64_t sample_of(std::int64_t l, std::int64_t i) const {
    return sample_at(start(l) + i, source_.frame->pad, effective_, actual_);
  }

 private:
  bool idle(std::int64_t l) const { return items_.row[l] < 0 || items_.frame[l] < 0; }
  std::int64_t start(std::int64_t l) const {
    return items_.frame[l] * source_.frame->rule.hop - source_.frame->rule.pad_left;
  }

  bool any_edge() const {
    const std::int64_t inside = std::min(actual_, effective_);
    for (std::int64_t l = 0; l < lanes_; ++l) {
      if (!idle(l) && (start(l) < 0 || start(l) + length_ > inside)) return true;
    }
    return false;
  }

  const std::byte* address(std::int64_t row, std::int64_t sample) const {
    const base::TensorView& view = samples_.view;
    return static_cast<const std::byte*>(view.data) + row * view.byte_strides[0] +
           (sample - samples_.first_sample) * view.byte_strides[1];
  }

  void point() {
    for (std::int64_t l = 0; l < lanes_; ++l) {
      base_[static_cast<std::size_t>(l)] = idle(l) ? nullptr : address(items_.row[l], start(l));
    }
  }

  /// Some frame reaches outside its row: all frames of the tile are first written out, sample by
  /// sample and unconverted, so that the same kernel loads them.
  void gather() {
    const std::size_t bytes = size_of(samples_.view.dtype);
    for (std::int64_t l = 0; l < lanes_; ++l) {
      std::byte* to = edge_ + static_cast<std::size_t>(l * length_) * bytes;
      base_[static_cast<std::size_t>(l)] = idle(l) ? nullptr : to;
      if (idle(l)) continue;
      for (std::int64_t i = 0; i < length_; ++i, to += bytes) {
        const std::int64_t sample = sample_of(l, i);
        if (sample < 0) {
          std::memset(to, 0, bytes);
        } else {
          std::memcpy(to, address(items_.row[l], sample), bytes);
        }
      }
    }
    stride_ = static_cast<std::int64_t>(bytes);
  }

  const Source& source_;
  const Samples& samples_;
  const LaneItems& items_;
  std::int64_t lanes_;
  std::byte* edge_;
  std::int64_t length_, actual_, effective_, stride_;
  bool padded_ = false;
  std::array<const std::byte*, kMaxTileLanes> base_{};
};

/// Mask of the lanes that hold an item.
std::uint64_t in_use(const std::byte* const* base, std::int64_t lanes) {
  std::uint64_t mask = 0;
  for (std::int64_t l = 0; l < lanes; ++l) mask |= std::uint64_t{base[l] != nullptr} << l;
  return mask;
}

/// Index in the row of the first bad sample of lane l: a padded frame may show a later one earlier.
template <typename T>
std::int64_t first_bad_sample(const FrameLanes& lanes, std::int64_t l, const base::TensorView& view,
                              std::int64_t length) {
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  for (std::int64_t i = 0; i < length; ++i) {
    const std::int64_t step = kernels::first_nonfinite<T>(
        lanes.lane(l) + i * lanes.stride(), view.dtype, lanes.stride(), length - i, view.scale);
    if (step < 0) break;
    i += step;
    first = std::min(first, lanes.sample_of(l, i));
    if (!lanes.padded()) break;
  }
  return first;
}

template <typename T>
std::uint64_t load(const kernels::LaneSource& from, const Value& to, Tile<T>& tile,
                   kernels::Isa isa, std::int64_t count) {
  const auto& kernels = kernels::load_kernels<T>(isa);
  if (is_complex(from.dtype)) {
    return kernels.complex_tile(from, count, tile.at(to.re), tile.at(to.im));
  }
  return kernels.tile(from, count, tile.at(to.re));
}

}  // namespace

std::size_t edge_bytes(const Source& source, DType dtype, std::int64_t lanes) {
  if (!source.frame) return 0;
  return static_cast<std::size_t>(source.frame->rule.length * lanes) * size_of(dtype);
}

template <typename T>
std::uint64_t load_frames(const Source& source, const Samples& samples, const LaneItems& items,
                          const Value& to, Tile<T>& tile, kernels::Isa isa, BadSamples bad,
                          std::span<RowStatus> status, std::byte* edge) {
  FrameLanes lanes(source, samples, items, tile.lanes, edge);
  const base::TensorView& view = samples.view;
  const void* window = source.window.get();
  const kernels::LaneSource from{lanes.base(), view.dtype,    lanes.stride(),
                                 view.scale,   lanes.ahead(), window};
  const std::int64_t length = source.frame->rule.length;
  const std::uint64_t mask =
      load<T>(from, to, tile, isa, length) & in_use(lanes.base(), tile.lanes);
  if (mask == 0) return 0;
  for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
    const auto l = static_cast<std::int64_t>(std::countr_zero(rest));
    if (!status.empty()) {
      note_bad(status[static_cast<std::size_t>(items.row[l])],
               first_bad_sample<T>(lanes, l, view, length));
    }
    if (bad == BadSamples::skip) lanes.clear(l);
  }
  if (bad == BadSamples::skip) {
    load<T>({lanes.base(), view.dtype, lanes.stride(), view.scale, 0, window}, to, tile, isa,
            length);
  }
  return mask;
}

template <typename T>
void load_rows(const base::TensorView& view, const std::int64_t* rows, const Value& to,
               Tile<T>& tile, kernels::Isa isa, std::span<RowStatus> status) {
  std::array<const std::byte*, kMaxTileLanes> base{};
  for (std::int64_t l = 0; l < tile.lanes; ++l) {
    base[static_cast<std::size_t>(l)] =
        rows[l] < 0 ? nullptr
                    : static_cast<const std::byte*>(view.data) + rows[l] * view.byte_strides[0];
  }
  const std::int64_t stride = view.byte_strides[1];
  std::uint64_t mask =
      load<T>({base.data(), view.dtype, stride, view.scale}, to, tile, isa, to.length) &
      in_use(base.data(), tile.lanes);
  if (to.has_im() && !is_complex(view.dtype)) {
    std::fill_n(tile.at(to.im), to.length * tile.lanes, T(0));
  }
  for (; mask != 0 && !status.empty(); mask &= mask - 1) {
    const auto l = static_cast<std::size_t>(std::countr_zero(mask));
    note_bad(status[static_cast<std::size_t>(rows[l])],
             kernels::first_nonfinite<T>(base[l], view.dtype, stride, to.length, view.scale));
  }
}

#define PAPILIO_INSTANTIATE(T)                                                                     \
  template std::uint64_t load_frames<T>(const Source&, const Samples&, const LaneItems&,           \
                                        const Value&, Tile<T>&, kernels::Isa, BadSamples,          \
                                        std::span<RowStatus>, std::byte*);                         \
  template void load_rows<T>(const base::TensorView&, const std::int64_t*, const Value&, Tile<T>&, \
                             kernels::Isa, std::span<RowStatus>);
PAPILIO_INSTANTIATE(float)
PAPILIO_INSTANTIATE(double)
#undef PAPILIO_INSTANTIATE

}  // namespace papilio::runtime::cpu
