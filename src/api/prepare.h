/// One interface over psd, peaks and mel: from a definition and a row length to a graph, its axes
/// and the shape that the user sees.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/feature.h"
#include "ir/graph.h"

namespace papilio::api {

/// A definition fitted to rows of one length.
struct Fitted {
  Definition definition;  ///< `short_rows` resolved
  ir::Graph graph;        ///< one output
  ir::FrameRule rule;
  bool per_frame = false;      ///< results keep a frame axis (mel)
  bool keeps_frames = false;   ///< every frame is in memory until the end (mel, median)
  std::int64_t transform = 0;  ///< its length
};

/// Samples that a row must have before its fit can be told without knowing its length; -1: the
/// whole length must be known.
std::int64_t samples_to_fit(const Definition& definition);

/// Throws UserError when rows of `samples` cannot be used, or not in the memory of `execution`.
/// `learned` computes the spectra of a definition with a model.
Fitted fit(const Definition& definition, std::int64_t samples, bool complex, DType compute,
           const Execution& execution = {}, const spectral::LearnedTransform* learned = nullptr);

/// Shape of the result for `rows` rows of `samples`, as the user sees it.
std::vector<std::int64_t> shape_of(const Fitted& fitted, std::int64_t rows, std::int64_t samples,
                                   bool complex);

/// The axes and facts of a result for rows of `samples`; leaves data, status and count alone.
void describe(const Fitted& fitted, std::int64_t samples, bool complex, FeatureResult& result);

/// What to do with bad samples, as the definition says.
Nonfinite nonfinite_of(const Definition& definition);

/// "[psd]" etc., for messages.
std::string tag_of(const Definition& definition);

}  // namespace papilio::api
