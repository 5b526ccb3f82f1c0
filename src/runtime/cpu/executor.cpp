// Regions of a tile program on a block of rows.
#include "runtime/cpu/executor.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/median.h"

namespace papilio::runtime::cpu {
namespace {

int threads_of(const RunOptions& options) {
  return options.pool == nullptr ? 1 : options.pool->size();
}

}  // namespace

template <typename T>
void Executor<T>::begin(std::int64_t rows, std::span<const Samples> inputs,
                        std::span<RowStatus> status) {
  rows_ = rows;
  inputs_ = inputs;
  status_ = status;
  scratch_stride_ = scratch_bytes(program_, inputs);
  scratch_ = work_.get<std::byte>(kScratch,
                                  scratch_stride_ * static_cast<std::size_t>(threads_of(options_)));
  frame_scale_ = work_.get<T>(kFrameScale, static_cast<std::size_t>(rows));
  T* row_max = work_.get<T>(kRowMax, static_cast<std::size_t>(rows) * program_.stored.size());
  for (std::size_t i = 0; i < program_.stored.size(); ++i) {
    stored_[i] = {};
    if (!program_.stored[i].track_max) continue;
    stored_[i].row_max = row_max + static_cast<std::int64_t>(i) * rows;
    std::fill_n(stored_[i].row_max, rows, -std::numeric_limits<T>::infinity());
  }
}

template <typename T>
Place<T> Executor<T>::make_place(std::size_t index, std::int64_t frames) {
  const Stored& stored = program_.stored[index];
  const std::int64_t per_row = stored.frames ? frames : 1;
  Place<T> place;
  place.data = work_.get<T>(kStoredFirst + index,
                            static_cast<std::size_t>(rows_ * per_row * stored.width()));
  place.row_stride = per_row * stored.width();
  place.frame_stride = stored.width();
  place.row_max = stored_[index].row_max;
  return place;
}

template <typename T>
SweepContext<T> Executor<T>::context(std::int64_t first, std::int64_t last) const {
  SweepContext<T> context;
  context.program = &program_;
  context.rows = rows_;
  context.first_frame = first;
  context.last_frame = last;
  context.inputs = inputs_;
  context.stored = {stored_.data(), program_.stored.size()};
  context.outputs = outputs_;
  context.frame_scale = frame_scale_;
  context.status = status_;
  context.options = options_;
  context.scratch = scratch_;
  context.scratch_stride = scratch_stride_;
  return context;
}

template <typename T>
void Executor<T>::run_region(const Region<T>& region, std::int64_t first, std::int64_t last) {
  sweep(region, context(first, last));
}

template <typename T>
void Executor<T>::add_frames(const Region<T>& region, FoldTree<T>& tree, std::int64_t first,
                             std::int64_t last) {
  const std::int64_t length = region.fold->accumulator.length;
  const std::int64_t unit_bytes = rows_ * length * static_cast<std::int64_t>(sizeof(T));
  const std::int64_t window =
      std::max<std::int64_t>(1, kUnitBudget / std::max<std::int64_t>(1, unit_bytes)) * kUnitFrames;
  while (first < last) {
    const std::int64_t end = std::min(last, first + window);
    const std::int64_t units = (end - first + kUnitFrames - 1) / kUnitFrames;
    T* sums = work_.get<T>(kUnits, static_cast<std::size_t>(rows_ * units * length));
    sweep_units(region, context(first, end), sums);
    tree.add(sums, units, options_.pool);
    first = end;
  }
}

template <typename T>
void Executor<T>::set_frame_scale(std::int64_t frames) {
  for (std::int64_t row = 0; row < rows_; ++row) {
    const std::int64_t skipped =
        options_.bad == BadSamples::skip ? status_[static_cast<std::size_t>(row)].skipped : 0;
    const std::int64_t used = frames - skipped;
    frame_scale_[row] = used > 0 ? static_cast<T>(1.0 / static_cast<double>(used))
                                 : std::numeric_limits<T>::quiet_NaN();
  }
}

template <typename T>
void Executor<T>::close_fold(const Region<T>& region, FoldTree<T>& tree, std::int64_t frames) {
  const auto index = static_cast<std::size_t>(region.fold->stored);
  if (stored_[index].data == nullptr) set_stored(index, make_place(index, 0));
  tree.total(stored_[index].data, options_.pool);
  set_frame_scale(frames);
  for (std::int64_t row = 0; row < rows_; ++row) {
    if (!std::isnan(frame_scale_[row])) continue;  // every frame was left out: there is no result
    std::fill_n(stored_[index].data + row * stored_[index].row_stride,
                program_.stored[index].width(), std::numeric_limits<T>::quiet_NaN());
  }
}

template <typename T>
void Executor<T>::close_median(const Region<T>& region, std::int64_t frames) {
  const auto index = static_cast<std::size_t>(region.fold->stored);
  const Place<T>& from = stored_[static_cast<std::size_t>(region.fold->frames_stored)];
  const Place<T> to = make_place(index, 0);
  set_stored(index, to);
  const std::int64_t length = region.fold->accumulator.length;
  const double usual_bias = kernels::median_bias(frames);
  T* scratch = work_.get<T>(kMedian, static_cast<std::size_t>(frames * threads_of(options_)));
  base::split(
      options_.pool, rows_ * length, 1, [&](int part, std::int64_t begin, std::int64_t end) {
        T* values = scratch + part * frames;
        for (std::int64_t item = begin; item < end; ++item) {
          const std::int64_t row = item / length;
          const T* column = from.data + row * from.row_stride + item % length;
          std::int64_t count = 0;
          for (std::int64_t f = 0; f < frames; ++f) {
            const T value = column[f * from.frame_stride];
            if (options_.bad == BadSamples::flag || !std::isnan(value)) values[count++] = value;
          }
          to.data[row * to.row_stride + item % length] =
              count == 0
                  ? std::numeric_limits<T>::quiet_NaN()
                  : static_cast<T>(static_cast<double>(kernels::median<T>(
                                       {values, static_cast<std::size_t>(count)})) /
                                   (count == frames ? usual_bias : kernels::median_bias(count)));
        }
      });
}

template <typename T>
void Executor<T>::run_fused(const Region<T>& fold, const Region<T>& tail, std::int64_t frames) {
  set_frame_scale(frames);
  sweep_fused(fold, tail, context(0, frames));
}

template <typename T>
void Executor<T>::blank_bad_rows(std::int64_t frames) const {
  if (options_.bad == BadSamples::skip) return;
  for (std::int64_t row = 0; row < rows_; ++row) {
    if (status_[static_cast<std::size_t>(row)].first_bad < 0) continue;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const OutputLayout& layout = program_.outputs[i];
      const Place<T>& place = outputs_[i];
      const std::int64_t items = layout.frames ? frames : 1;
      for (std::int64_t item = 0; item < items && place.data != nullptr; ++item) {
        T* to = place.data + row * place.row_stride + item * place.frame_stride;
        for (std::int64_t e = 0; e < layout.length; ++e) {
          const bool bin = layout.top && e % 4 == 0;
          const T value = bin ? T(-1) : std::numeric_limits<T>::quiet_NaN();
          T* element = to + e * place.element_stride * (layout.complex ? 2 : 1);
          element[0] = value;
          if (layout.complex) element[1] = value;
        }
      }
    }
  }
}

template class Executor<float>;
template class Executor<double>;

}  // namespace papilio::runtime::cpu
