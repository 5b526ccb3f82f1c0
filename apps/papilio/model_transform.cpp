// From model files to transforms.
#include "model_transform.h"

#include <utility>

#include "base/sha256.h"
#include "errors.h"
#include "io/mapped_file.h"
#include "train/model_error.h"
#include "train/model_file.h"

namespace papilio::app {
namespace {

[[noreturn]] void refuse(const std::string& verb, const std::string& path,
                         const std::string& what) {
  throw UserError("[" + verb + "] " + path + " " + what);
}

struct Loaded {
  train::ModelFile file;
  ModelTransform transform;
};

spectral::LearnedTransform learned_of(const train::ModelFile& file) {
  const transform::Network& first = file.parts.front().network;
  if (first.spec.input == transform::Input::real) return {first};
  return {chain_of(file)};
}

Loaded load(const std::string& verb, const std::string& path) {
  const io::MappedFile bytes(path);
  Loaded loaded{train::parse_model(bytes.bytes(), path), {}};
  const train::ModelFile& file = loaded.file;
  if (file.kind == train::ModelKind::encdec) {
    refuse(verb, path,
           "is an encoder with its decoder: its results are signals again; papilio roundtrip "
           "measures it");
  }
  ModelTransform& transform = loaded.transform;
  transform.reference = {path, base::sha256(bytes.bytes()), file.n()};
  transform.target = train::default_exact(file);
  transform.norm = static_cast<Norm>(file.parts.front().network.spec.norm);
  transform.takes_real = train::takes_real(file);
  return loaded;
}

}  // namespace

void add_model_flag(Flags& flags, std::string& path) {
  flags.value("--model", "MODEL",
              "a learned transform (.safetensors) in the place of the exact one", path);
}

ModelTransform load_transform(const std::string& verb, const std::string& path) {
  Loaded loaded = load(verb, path);
  loaded.transform.learned =
      std::make_shared<const spectral::LearnedTransform>(learned_of(loaded.file));
  return std::move(loaded.transform);
}

ModelTransform load_spectrum(const std::string& verb, const std::string& path) {
  Loaded loaded = load(verb, path);
  const std::string& target = loaded.transform.target;
  if (loaded.file.real_part) {
    refuse(verb, path,
           "gives the real part only, and " + verb +
               " needs bins of a dft; give a model of a dft, or use papilio fft");
  }
  if (target != "dft") {
    refuse(verb, path,
           "stands for " + (target.empty() ? "no transform that has a name" : target) + ", and " +
               verb + " needs bins of a dft; give a model of a dft, or use papilio fft");
  }
  transform::Network& first = loaded.file.parts.front().network;
  first.scale /= exact_scale(first.spec);
  loaded.transform.learned =
      std::make_shared<const spectral::LearnedTransform>(learned_of(loaded.file));
  return std::move(loaded.transform);
}

std::int64_t length_for(const std::string& verb, const ModelTransform& model, bool given,
                        std::int64_t n_fft) {
  if (!given || n_fft == model.n()) return model.n();
  const std::string n = std::to_string(model.n());
  throw UsageError("[" + verb + "] the transform has a length of " + std::to_string(n_fft) +
                   ", but " + model.reference.file + " is a model of n = " + n + "; give " +
                   (verb == "fft" ? "-n " : "--n-fft ") + n + ", or leave it out");
}

std::string check_like_model(const std::string& verb, const Like& like,
                             const ModelTransform* model) {
  if (!like.file || !like.file->model) return "";
  const ModelReference& needed = *like.file->model;
  const std::string start = like.path + " is of the transform learned in " + needed.file +
                            " (sha256 " + needed.sha256.substr(0, 16) + "..)";
  if (model == nullptr) {
    throw UserError("[" + verb + "] " + start + ", which is another file; give it with --model");
  }
  if (model->reference.sha256 == needed.sha256) return "";
  return start + ", and " + model->reference.file + " is another one";
}

}  // namespace papilio::app
