/// --model: a learned transform in the place of the exact one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "flags.h"
#include "like.h"
#include "papilio/definition.h"
#include "spectral/learned.h"

namespace papilio::app {

/// A model file as a transform.
struct ModelTransform {
  ModelReference reference;
  std::shared_ptr<const spectral::LearnedTransform> learned;
  std::string target;      ///< the exact transform it stands for: dft, idft, dct2 ..; "": not known
  Norm norm = Norm::none;  ///< which scale the exact transform has
  bool takes_real = false;  ///< defined for real samples only

  std::int64_t n() const { return reference.n; }
};

/// --model MODEL.
void add_model_flag(Flags& flags, std::string& path);

/// The model as its file has it. Throws UserError as loading does, and for an encoder with its
/// decoder.
ModelTransform load_transform(const std::string& verb, const std::string& path);

/// The model as features take it: in the place of the unscaled DFT of frames. What its norm says is
/// divided out, so that an exact model of any norm gives what the exact transform gives. Throws
/// UserError for a model that does not stand for a dft: its results are no bins.
ModelTransform load_spectrum(const std::string& verb, const std::string& path);

/// The transform length: the model's unless `given`, then `n_fft` must be that. Throws UsageError.
std::int64_t length_for(const std::string& verb, const ModelTransform& model, bool given,
                        std::int64_t n_fft);

/// Throws UserError for the definition of a learned result without --model. Returns a warning where
/// another model is given, else "".
std::string check_like_model(const std::string& verb, const Like& like,
                             const ModelTransform* model);

}  // namespace papilio::app
