/// The works welch, peaks_bins, peaks_peaks and mel: rows of samples in, features out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "papilio/definition.h"
#include "race.h"
#include "settings.h"

namespace papilio::bench {

/// Rows of one length and the features that a definition asks of them.
class FeatureProblem final : public Problem {
 public:
  FeatureProblem(Cell cell, Definition definition, std::int64_t samples);

  std::int64_t rows() const { return cell_.batch; }
  std::int64_t samples() const { return samples_; }
  const Definition& definition() const { return definition_; }
  /// Of psd and peaks.
  const WelchOptions& welch() const;
  const float* in() const { return in_.data(); }
  /// [rows, out_length], in the order of the public API.
  float* out() { return out_.data(); }
  std::int64_t out_length() const { return out_length_; }

  void spoil() override;
  /// psd: relative L2; peaks: relative difference of the powers, rank by rank; mel: the largest
  /// difference. Of the worst row.
  double error() const override;

 private:
  Definition definition_;
  std::int64_t samples_;
  std::int64_t out_length_;
  base::Buffer<float> in_;
  base::Buffer<float> out_;
  std::vector<double> reference_;  ///< of the distinct rows
};

/// Adds other contenders for a problem that outlives them.
using FeaturePeers = std::function<void(FeatureProblem&, std::vector<Contender>&)>;

/// Largest error of a row that counts as right, for Papilio and for its peers.
double feature_tolerance(const FeatureProblem& problem);

/// The whole grid of `question` (welch, peaks or mel); a cell that fails loses only itself. welch
/// and peaks: n 256, 8192 rows, half overlap, no detrending unless told otherwise; mel: whisper's
/// definition on clips of 30 s.
std::vector<Outcome> bench_features(const std::string& question, const Settings& settings,
                                    const FeaturePeers& peers = {}, const Told& told = {});

}  // namespace papilio::bench
