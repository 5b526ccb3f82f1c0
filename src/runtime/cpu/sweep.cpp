// Tiles of items through the steps of a region.
#include "runtime/cpu/sweep.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <limits>

#include "kernels/features.h"

namespace papilio::runtime::cpu {
namespace {

/// One thread's view of a sweep: its tile and the items in the lanes.
template <typename T>
class Worker {
 public:
  Worker(const SweepContext<T>& context, int part)
      : context_(context),
        program_(*context.program),
        element_(kernels::element_kernels<T>(program_.isa)),
        store_(kernels::store_kernels<T>(program_.isa)) {
    std::byte* scratch = context.scratch + static_cast<std::size_t>(part) * context.scratch_stride;
    tile_.arena = reinterpret_cast<T*>(scratch);
    tile_.lanes = program_.lanes;
    tile_.row = row_.data();
    edge_ = scratch + static_cast<std::size_t>(program_.arena * program_.lanes) * sizeof(T);
    for (std::size_t i = 0; i < context.stored.size(); ++i) {
      row_max_[i] = context.stored[i].row_max;
    }
    tile_.row_max = {row_max_.data(), context.stored.size()};
    tile_.status = context.status;
  }

  /// Lane l takes item first + l: the row and its frame (or unit of frames).
  void assign(std::int64_t first, std::int64_t items, std::int64_t per_row) {
    for (std::int64_t l = 0; l < tile_.lanes; ++l) {
      const std::int64_t item = first + l;
      const bool used = item < items;
      row_[at(l)] = used ? item / per_row : -1;
      index_[at(l)] = used ? item % per_row : -1;
    }
  }

  void run(const Region<T>& region) {
    for (const Source& source : region.sources) bad_ |= load(source);
    for (const Step<T>& step : region.steps) step(tile_);
  }

  void store_sinks(const Region<T>& region) {
    for (const Sink& sink : region.sinks) {
      const auto places = sink.to == Sink::To::output ? context_.outputs : context_.stored;
      const Place<T>& place = places[static_cast<std::size_t>(sink.index)];
      if (place.data != nullptr) {
        const std::uint64_t bad = store(sink.value, place, region.frames);
        if (bad != 0 && sink.to == Sink::To::output) note_overflow(sink, bad);
      }
      if (sink.track_max) track_max(sink.value, place.row_max);
    }
  }

  /// Frames first + index of the lanes; -1 past the end of the window.
  void set_frames(std::int64_t per_lane, std::int64_t offset) {
    for (std::int64_t l = 0; l < tile_.lanes; ++l) {
      const std::int64_t frame = context_.first_frame + index_[at(l)] * per_lane + offset;
      frame_[at(l)] = row_[at(l)] >= 0 && frame < context_.last_frame ? frame : -1;
    }
  }

  /// Folds the frames of the unit in each lane into the accumulator; the steps of paired frames add
  /// to it themselves.
  void fold_unit(const Region<T>& region) {
    const Fold& fold = *region.fold;
    const bool pair = fold.kind == FoldKind::paired_power_sum;
    T* accumulator = tile_.at(fold.accumulator.re);
    if (!pair) {
      const T start = fold.kind == FoldKind::max ? -std::numeric_limits<T>::infinity() : T(0);
      std::fill_n(accumulator, fold.accumulator.length * tile_.lanes, start);
    }
    tile_.started = false;
    for (std::int64_t j = 0; j < kUnitFrames; j += pair ? 2 : 1) {
      set_frames(kUnitFrames, j);
      if (std::all_of(frame_.begin(), frame_.begin() + tile_.lanes,
                      [](std::int64_t frame) { return frame < 0; })) {
        break;
      }
      bad_ = 0;
      run(region);
      if (!pair) accumulate(fold, accumulator);
      tile_.started = true;
    }
    if (!pair) return;
    if (!tile_.started) std::fill_n(accumulator, fold.n * tile_.lanes, T(0));
    power().fold_pairs(fold.n, accumulator);
  }

  void store_units(const Fold& fold, T* units, std::int64_t per_row) {
    const std::int64_t length = fold.accumulator.length;
    store(fold.accumulator, {units, per_row * length, length, 1, nullptr}, true);
  }

  /// Goes on with the rows' region on the accumulator, which lies where its source would be.
  void finish_rows(const Region<T>& tail) {
    if (tail.sources.front().scaled) scale_rows(tail.sources.front().value);
    for (const Step<T>& step : tail.steps) step(tile_);
    store_sinks(tail);
  }

  /// Lanes whose frame was left out become NaN, for a median to pass over.
  void blank_bad(const Value& value) {
    for (std::int64_t l = 0; l < tile_.lanes; ++l) {
      if ((bad_ >> l & 1) == 0) continue;
      T* lane = tile_.at(value.re) + l;
      for (std::int64_t e = 0; e < value.length; ++e) {
        lane[e * tile_.lanes] = std::numeric_limits<T>::quiet_NaN();
      }
    }
    bad_ = 0;
  }

 private:
  static std::size_t at(std::int64_t l) { return static_cast<std::size_t>(l); }
  const kernels::PowerKernels<T>& power() const { return kernels::power_kernels<T>(program_.isa); }

  std::uint64_t load(const Source& source) {
    if (source.from == Source::From::stored) {
      load_stored(source);
      return 0;
    }
    const Samples& samples = context_.inputs[static_cast<std::size_t>(source.index)];
    if (!source.frame) {
      load_rows(samples.view, row_.data(), source.value, tile_, program_.isa, context_.status);
      return 0;
    }
    Value first = source.value;
    if (source.pair) first.im = -1;
    const LaneItems items{row_.data(), frame_.data()};
    const std::uint64_t mask = load_frames(source, samples, items, first, tile_, program_.isa,
                                           context_.options.bad, context_.status, edge_);
    std::uint64_t skipped = mask;
    if (source.counts_skipped) count_skipped(mask);
    if (source.pair)
      skipped |= load_second(source, samples);
    else if (source.value.has_im() && !is_complex(samples.view.dtype)) {
      std::fill_n(tile_.at(source.value.im), source.value.length * tile_.lanes, T(0));
    }
    return skipped;
  }

  /// The odd frame of each pair.
  std::uint64_t load_second(const Source& source, const Samples& samples) {
    std::array<std::int64_t, kMaxTileLanes> next{};
    for (std::int64_t l = 0; l < tile_.lanes; ++l) {
      const std::int64_t frame = frame_[at(l)] + 1;
      next[at(l)] = frame_[at(l)] >= 0 && frame < context_.last_frame ? frame : -1;
    }
    Value second = source.value;
    second.re = source.value.im;
    second.im = -1;
    const std::uint64_t mask =
        load_frames(source, samples, {row_.data(), next.data()}, second, tile_, program_.isa,
                    context_.options.bad, context_.status, edge_);
    if (source.counts_skipped) count_skipped(mask);
    return mask;
  }

  void count_skipped(std::uint64_t mask) {
    if (context_.options.bad != BadSamples::skip || context_.status.empty()) return;
    for (; mask != 0; mask &= mask - 1) {
      const auto row = row_[static_cast<std::size_t>(std::countr_zero(mask))];
      std::atomic_ref<std::int64_t> skipped(context_.status[at(row)].skipped);
      skipped.fetch_add(1, std::memory_order_relaxed);
    }
  }

  void load_stored(const Source& source) {
    const Place<T>& place = context_.stored[static_cast<std::size_t>(source.index)];
    const Stored& stored = program_.stored[static_cast<std::size_t>(source.index)];
    std::array<const std::byte*, kMaxTileLanes> base{};
    for (std::int64_t l = 0; l < tile_.lanes; ++l) {
      base[at(l)] = reinterpret_cast<const std::byte*>(address(place, l, stored.frames));
    }
    const auto& load = kernels::load_kernels<T>(program_.isa);
    const DType real = sizeof(T) == 4 ? DType::f32 : DType::f64;
    const std::int64_t step = place.element_stride * static_cast<std::int64_t>(sizeof(T));
    if (source.value.has_im()) {
      load.complex_tile({base.data(), real, 2 * step}, source.value.length,
                        tile_.at(source.value.re), tile_.at(source.value.im));
    } else {
      load.tile({base.data(), real, step}, source.value.length, tile_.at(source.value.re));
    }
    if (source.scaled) scale_rows(source.value);
  }

  void scale_rows(const Value& value) {
    alignas(64) std::array<T, kMaxTileLanes> factor{};
    for (std::int64_t l = 0; l < tile_.lanes; ++l) {
      factor[at(l)] = row_[at(l)] < 0 ? T(0) : context_.frame_scale[row_[at(l)]];
    }
    element_.scale_lanes(tile_.at(value.re), factor.data(), value.length, tile_.at(value.re));
  }

  T* address(const Place<T>& place, std::int64_t l, bool frames) const {
    if (row_[at(l)] < 0) return nullptr;
    const std::int64_t frame = frames ? index_[at(l)] * place.frame_stride : 0;
    return place.data + row_[at(l)] * place.row_stride + frame;
  }

  /// Rows whose result is not finite; the unused slots of a top-k are not meant.
  void note_overflow(const Sink& sink, std::uint64_t lanes) {
    if (context_.status.empty()) return;
    if (program_.outputs[static_cast<std::size_t>(sink.index)].top) return;
    for (; lanes != 0; lanes &= lanes - 1) {
      const std::int64_t row = row_[static_cast<std::size_t>(std::countr_zero(lanes))];
      if (row < 0) continue;
      std::atomic_ref(context_.status[at(row)].overflow).store(true, std::memory_order_relaxed);
    }
  }

  std::uint64_t store(const Value& value, const Place<T>& place, bool frames) {
    std::array<T*, kMaxTileLanes> rows{};
    for (std::int64_t l = 0; l < tile_.lanes; ++l) rows[at(l)] = address(place, l, frames);
    if (value.has_im()) {
      return store_.complex_tile(tile_.at(value.re), tile_.at(value.im), value.length, rows.data(),
                                 place.element_stride);
    }
    const bool row_by_row = !frames && tile_.lanes > 1 && row_[1] == row_[0] + 1;
    return store_.tile(tile_.at(value.re), value.length, rows.data(), place.element_stride,
                       row_by_row ? tile_.lanes * place.row_stride : 0);
  }

  void track_max(const Value& value, T* row_max) {
    alignas(64) std::array<T, kMaxTileLanes> largest;
    largest.fill(-std::numeric_limits<T>::infinity());
    element_.lane_max(tile_.at(value.re), value.length, largest.data());
    for (std::int64_t l = 0; l < tile_.lanes; ++l) {
      if (row_[at(l)] < 0) continue;
      std::atomic_ref<T> maximum(row_max[row_[at(l)]]);
      T seen = maximum.load(std::memory_order_relaxed);
      while (largest[at(l)] > seen &&
             !maximum.compare_exchange_weak(seen, largest[at(l)], std::memory_order_relaxed)) {
      }
    }
  }

  /// Adds (or takes the maximum with) the frame in each lane; idle and left-out lanes keep theirs.
  void accumulate(const Fold& fold, T* accumulator) {
    const T* value = tile_.at(fold.value.re);
    const std::int64_t count = fold.accumulator.length;
    alignas(64) std::array<T, kMaxTileLanes> keep{};
    std::uint64_t out = context_.options.bad == BadSamples::skip ? bad_ : 0;
    for (std::int64_t l = 0; l < tile_.lanes; ++l) {
      if (frame_[at(l)] < 0) out |= std::uint64_t{1} << l;
    }
    const auto join = [&](std::int64_t begin, std::int64_t size) {
      const T* from = value + begin * tile_.lanes;
      T* to = accumulator + begin * tile_.lanes;
      fold.kind == FoldKind::max ? element_.max(from, size, to) : element_.add(from, size, to);
    };
    if (out == 0) return join(0, count);
    for (std::int64_t e = 0; e < count; ++e) {
      std::copy_n(accumulator + e * tile_.lanes, tile_.lanes, keep.data());
      join(e, 1);
      for (std::uint64_t rest = out; rest != 0; rest &= rest - 1) {
        const auto l = static_cast<std::int64_t>(std::countr_zero(rest));
        accumulator[e * tile_.lanes + l] = keep[at(l)];
      }
    }
  }

  const SweepContext<T>& context_;
  const TileProgram<T>& program_;
  const kernels::ElementKernels<T>& element_;
  const kernels::StoreKernels<T>& store_;
  Tile<T> tile_;
  std::byte* edge_;
  std::uint64_t bad_ = 0;
  std::array<std::int64_t, kMaxTileLanes> row_{}, index_{}, frame_{};
  std::array<const T*, kMaxStored> row_max_{};
};

/// Calls body(worker, first item, items) for every tile, threads over contiguous tiles.
template <typename T, typename Body>
void for_tiles(const SweepContext<T>& context, std::int64_t items, Body&& body) {
  const std::int64_t lanes = context.program->lanes;
  const auto part = [&](int number, std::int64_t begin, std::int64_t end) {
    Worker<T> worker(context, number);
    for (std::int64_t first = begin; first < end; first += lanes) body(worker, first);
  };
  base::split(context.options.pool, items, lanes, part);
}

}  // namespace

template <typename T>
std::size_t scratch_bytes(const TileProgram<T>& program, std::span<const Samples> inputs) {
  std::size_t edge = 0;
  for (const Region<T>& region : program.regions) {
    for (const Source& source : region.sources) {
      if (source.from != Source::From::input) continue;
      const DType dtype = inputs[static_cast<std::size_t>(source.index)].view.dtype;
      edge = std::max(edge, edge_bytes(source, dtype, program.lanes));
    }
  }
  const auto arena = static_cast<std::size_t>(program.arena * program.lanes) * sizeof(T);
  return (arena + edge + 127) / 64 * 64;
}

template <typename T>
void sweep(const Region<T>& region, const SweepContext<T>& context) {
  const std::int64_t per_row = region.frames ? context.last_frame - context.first_frame : 1;
  const std::int64_t items = context.rows * per_row;
  const bool blank = region.fold && context.options.bad == BadSamples::skip;
  for_tiles(context, items, [&](Worker<T>& worker, std::int64_t first) {
    worker.assign(first, items, per_row);
    if (region.frames) worker.set_frames(1, 0);
    worker.run(region);
    if (blank) worker.blank_bad(region.fold->value);
    worker.store_sinks(region);
  });
}

template <typename T>
void sweep_units(const Region<T>& region, const SweepContext<T>& context, T* units) {
  const std::int64_t frames = context.last_frame - context.first_frame;
  const std::int64_t per_row = (frames + kUnitFrames - 1) / kUnitFrames;
  const std::int64_t items = context.rows * per_row;
  for_tiles(context, items, [&](Worker<T>& worker, std::int64_t first) {
    worker.assign(first, items, per_row);
    worker.fold_unit(region);
    worker.store_units(*region.fold, units, per_row);
  });
}

template <typename T>
void sweep_fused(const Region<T>& fold, const Region<T>& tail, const SweepContext<T>& context) {
  for_tiles(context, context.rows, [&](Worker<T>& worker, std::int64_t first) {
    worker.assign(first, context.rows, 1);
    worker.fold_unit(fold);
    worker.finish_rows(tail);
  });
}

#define PAPILIO_INSTANTIATE(T)                                                            \
  template std::size_t scratch_bytes<T>(const TileProgram<T>&, std::span<const Samples>); \
  template void sweep<T>(const Region<T>&, const SweepContext<T>&);                       \
  template void sweep_units<T>(const Region<T>&, const SweepContext<T>&, T*);             \
  template void sweep_fused<T>(const Region<T>&, const Region<T>&, const SweepContext<T>&);
PAPILIO_INSTANTIATE(float)
PAPILIO_INSTANTIATE(double)
#undef PAPILIO_INSTANTIATE

}  // namespace papilio::runtime::cpu
