// A block of rows into lanes, selected, and out again.
#include "selection.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/load.h"
#include "kernels/store.h"

namespace papilio::bench {
namespace {

constexpr std::size_t kMostLanes = 64;

std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

}  // namespace

Selection::Selection(const FeatureProblem& problem)
    : isa_(kernels::isa_from_environment()),
      lanes_(std::max<std::int64_t>(4, kernels::lanes_of<float>(isa_))) {
  const auto& options = std::get<PeaksOptions>(problem.definition().options);
  const WelchOptions& welch = options.welch;
  mode_ = options.mode;
  const double bin_hz = welch.fs / static_cast<double>(welch.nperseg);
  what_.axis = {welch.nperseg / 2 + 1, bin_hz, false, true, welch.nperseg % 2 == 0};
  what_.k = options.top;
  if (options.height) what_.conditions.height = *options.height;
  if (options.min_distance) {
    what_.conditions.distance =
        static_cast<std::int64_t>(std::ceil(*options.min_distance / bin_hz));
  }
  const bool covered = mode_ == TopMode::bins ? kernels::selects_bins_in_lanes(what_)
                                              : kernels::selects_peaks_in_lanes(what_);
  if (covered) in_lanes_ = kernels::select_lane_kernels(isa_);
  const std::int64_t bins = what_.axis.bins;
  power_ = base::Buffer<float>(size(lanes_ * bins));
  tile_ = base::Buffer<float>(size(lanes_ * bins));
  tile_slots_ = base::Buffer<float>(size(lanes_ * what_.k * kernels::kSlotValues));
  tile_scratch_ = base::Buffer<float>(size(lanes_ * kernels::lane_scratch(bins)));
  scratch_ = base::Buffer<std::byte>(kernels::select_scratch_bytes<float>(bins));
}

void Selection::run_row(std::int64_t row, float* slots) {
  const std::int64_t bins = what_.axis.bins;
  const std::int64_t values = what_.k * kernels::kSlotValues;
  const std::span<const float> power(power_.data() + row * bins, size(bins));
  const std::span<float> out(slots + row * values, size(values));
  if (mode_ == TopMode::bins) {
    kernels::select_bins<float>(power, what_.axis, 0, -1, out, scratch_.span());
  } else {
    kernels::select_peaks<float>(power, what_.axis, what_.conditions, out, scratch_.span());
  }
}

void Selection::run(float* slots) {
  std::uint64_t by_row = ~std::uint64_t{0};
  if (in_lanes_ != nullptr) {
    const std::int64_t bins = what_.axis.bins;
    const std::int64_t values = what_.k * kernels::kSlotValues;
    std::array<const std::byte*, kMostLanes> from{};
    std::array<float*, kMostLanes> to{};
    for (std::int64_t lane = 0; lane < lanes_; ++lane) {
      from[size(lane)] = reinterpret_cast<const std::byte*>(power_.data() + lane * bins);
      to[size(lane)] = slots + lane * values;
    }
    kernels::load_kernels<float>(isa_).tile({from.data(), DType::f32, sizeof(float), 1.0, 0}, bins,
                                            tile_.data());
    const kernels::LaneOutcome outcome =
        mode_ == TopMode::bins
            ? in_lanes_->bins(tile_.data(), what_, tile_slots_.data())
            : in_lanes_->peaks(tile_.data(), what_, tile_slots_.data(), tile_scratch_.data());
    kernels::store_kernels<float>(isa_).tile(tile_slots_.data(), values, to.data(), 1,
                                             lanes_ * values);
    by_row = outcome.undecided;
  }
  for (std::int64_t row = 0; row < lanes_; ++row) {
    if ((by_row >> row & 1) != 0) run_row(row, slots);
  }
}

}  // namespace papilio::bench
