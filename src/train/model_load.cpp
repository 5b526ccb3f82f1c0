// Reading of model files: words first, then each tensor against the shape that they ask for, then
// the judgement of the numbers. Nothing is allocated that the file does not hold.
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "io/safetensors.h"
#include "papilio/error.h"
#include "train/model_check.h"
#include "train/model_file.h"
#include "train/model_words.h"

namespace papilio::train {
namespace {

using io::NamedTensor;
using io::Safetensors;
using io::TensorType;
using transform::Complex;
using transform::Network;
using transform::NetworkSpec;

// Parts of a chain; further ones are tensors that belong to no such model.
constexpr std::size_t kMostParts = 64;

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::vector<std::string> extents;
  for (const std::int64_t extent : shape) extents.push_back(std::to_string(extent));
  return "[" + base::join(extents) + "]";
}

std::vector<Complex> complex_of(const std::vector<double>& numbers) {
  std::vector<Complex> values(numbers.size() / 2);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = {numbers[2 * i], numbers[2 * i + 1]};
  return values;
}

class Loader {
 public:
  explicit Loader(const Safetensors& file) : file_(file) {}

  ModelFile load() {
    check_format();
    ModelFile model;
    model.kind = word<ModelKind>("", "kind", std::nullopt);
    n_ = length();
    const std::string output = text("output").value_or("complex");
    if (output != "complex" && output != "real") {
      refuse_word("output", output, std::vector<std::string>{"complex", "real"});
    }
    model.real_part = output == "real";
    model.training = training();
    model.version = text("papilio_version").value_or("");
    for (const std::string& name : part_names(model.kind)) model.parts.push_back(part(name));
    check_all_read();
    model.dtype = narrow_ ? DType::f32 : DType::f64;
    check_model(model, file_.path);
    return model;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw UserError("[model] " + file_.path + ": " + what);
  }
  [[noreturn]] void refuse_tensor(const std::string& name, const std::string& why,
                                  const std::string& advice) const {
    refuse("tensor " + io::quoted_name(name) + " " + why + "; " + advice);
  }
  [[noreturn]] void refuse_word(const std::string& key, const std::string& value,
                                const std::vector<std::string>& known) const {
    refuse("metadata '" + key + "' is " + io::quoted_name(value) +
           base::did_you_mean(value, known) + "; it must be one of: " + base::join(known));
  }

  std::optional<std::string> text(const std::string& key) const {
    const auto found = file_.metadata.find(key);
    if (found == file_.metadata.end()) return std::nullopt;
    return found->second;
  }
  /// Of the part, or of all parts alike.
  std::optional<std::string> text(const std::string& prefix, const std::string& key) const {
    const auto own = text(prefix + key);
    return own ? own : text(key);
  }
  std::string needed(const std::string& prefix, const std::string& key) const {
    const auto value = text(prefix, key);
    if (!value) {
      refuse("metadata '" + prefix + key +
             "' is missing; write it as docs/learning.md describes it");
    }
    return *value;
  }
  /// Throws without a default where the key is missing.
  template <typename E>
  E word(const std::string& prefix, const std::string& key, std::optional<E> otherwise) const {
    if (otherwise && !text(prefix, key)) return *otherwise;
    const std::string value = needed(prefix, key);
    std::vector<std::string> known;
    for (const char* const name : words_of(E{})) {
      if (value == name) return static_cast<E>(known.size());
      known.emplace_back(name);
    }
    refuse_word(prefix + key, value, known);
  }

  void check_format() const {
    const auto format = text("papilio_format");
    if (!format) {
      refuse(
          "is no model of Papilio: metadata 'papilio_format' is missing; give a file that papilio "
          "wrote, or write the metadata that docs/learning.md lists");
    }
    if (*format != "1") {
      refuse("has the format " + io::quoted_name(*format) +
             ", and this Papilio reads format '1'; use a Papilio that is as new as the file");
    }
  }

  std::int64_t length() const {
    const std::string value = needed("", "n");
    std::int64_t n = 0;
    const char* const last = value.data() + value.size();
    const auto [end, error] = std::from_chars(value.data(), last, n);
    if (error != std::errc() || end != last || n < 1) {
      refuse("metadata 'n' is " + io::quoted_name(value) + "; it must be a whole number from 2 up");
    }
    return n;
  }

  base::Json training() const {
    const auto value = text("training");
    if (!value) return base::Json::object();
    base::Json summary;
    try {
      summary = base::parse_json(*value, "training");
    } catch (const UserError&) {
      summary = nullptr;
    }
    if (!summary.is_object()) {
      refuse("metadata 'training' is no JSON object; write one, or leave it out");
    }
    return summary;
  }

  std::vector<std::string> part_names(ModelKind kind) const {
    if (kind == ModelKind::network) return {""};
    if (kind == ModelKind::encdec) return {"encoder", "decoder"};
    std::vector<std::string> names;
    const auto more = [&] {
      return names.size() < kMostParts && file_.find(std::to_string(names.size()) + ".permutation");
    };
    while (names.size() < 2 || more()) names.push_back(std::to_string(names.size()));
    return names;
  }

  /// A tensor of one of these types and this shape.
  const NamedTensor& tensor(const std::string& name, const std::vector<std::int64_t>& shape,
                            bool integers = false) {
    const NamedTensor* found = file_.find(name);
    if (found == nullptr) {
      refuse_tensor(name, "is missing", "write it with the shape " + shape_text(shape));
    }
    const bool fits = integers ? found->type == TensorType::i32
                               : found->type == TensorType::f32 || found->type == TensorType::f64;
    if (!fits) {
      refuse_tensor(name, std::string("holds ") + name_of(found->type),
                    integers ? "save it as int32" : "save it as float32 or float64");
    }
    if (found->shape != shape) {
      refuse_tensor(name, "has the shape " + shape_text(found->shape),
                    "n and radices ask for " + shape_text(shape));
    }
    if (!integers && found->type == TensorType::f64) narrow_ = false;
    read_.insert(name);
    return *found;
  }
  std::vector<double> reals(const std::string& name, const std::vector<std::int64_t>& shape) {
    tensor(name, shape);
    return file_.reals(name);
  }

  NetworkSpec spec(const std::string& prefix) const {
    NetworkSpec spec;
    spec.layout = layout(prefix, needed(prefix, "radices"));
    const NamedTensor* block = file_.find(prefix + "stage.0.block");
    const bool real_blocks = block != nullptr && block->shape.size() == 3;
    const bool real_input = file_.find(prefix + "recombination.twiddle") != nullptr;
    spec.order = word<transform::Order>(prefix, "order", std::nullopt);
    spec.tying = word<transform::Tying>(prefix, "tying", std::nullopt);
    spec.norm = word<transform::Norm>(prefix, "norm", std::nullopt);
    spec.direction = word<transform::Direction>(prefix, "direction", std::nullopt);
    spec.form = word<transform::Form>(
        prefix, "form", block != nullptr ? transform::Form::block : transform::Form::twiddle);
    spec.field = word<transform::Field>(
        prefix, "field", real_blocks ? transform::Field::real : transform::Field::complex);
    spec.input = word<transform::Input>(
        prefix, "input", real_input ? transform::Input::real : transform::Input::complex);
    if (spec.n() != n_) {
      refuse("metadata 'n' is " + std::to_string(n_) + ", but the radices " +
             io::quoted_name(radices_text(spec.layout)) + " make n = " + std::to_string(spec.n()) +
             (spec.input == transform::Input::real ? ", twice their product for real input" : "") +
             "; correct one of them");
    }
    return spec;
  }

  transform::Layout layout(const std::string& prefix, const std::string& radices) const {
    try {
      return transform::parse_layout(radices);
    } catch (const UserError& error) {
      const std::string what = error.what();
      refuse("metadata '" + prefix +
             "radices': " + io::printable(what.substr(what.find("] ") + 2)));
    }
  }

  ModelPart part(const std::string& name) {
    const std::string prefix = name.empty() ? "" : name + ".";
    ModelPart part{name, {}, {}};
    Network& network = part.network;
    network.spec = spec(prefix);
    const std::int64_t n = network.spec.layout.n;
    tensor(prefix + "permutation", {n}, true);
    network.permutation = file_.values<std::int32_t>(prefix + "permutation");
    for (int s = 0; s < network.spec.layout.stages(); ++s) {
      network.stages.push_back(stage(network.spec, prefix, s));
    }
    if (network.spec.input == transform::Input::real) {
      network.recombination = complex_of(reals(prefix + "recombination.twiddle", {n, 2}));
    }
    if (file_.find(prefix + "diagonal") != nullptr) {
      part.diagonal = complex_of(reals(prefix + "diagonal", {n, 2}));
    }
    network.scale = reals(prefix + "scale", {1}).front();
    return part;
  }

  transform::Stage stage(const NetworkSpec& spec, const std::string& prefix, int s) {
    transform::Stage stage;
    const std::vector<double> numbers =
        reals(prefix + parameter_name(spec, s), parameter_shape(spec, s));
    if (spec.field == transform::Field::real) {
      stage.parameters.assign(numbers.begin(), numbers.end());
    } else {
      stage.parameters = complex_of(numbers);
    }
    const std::string gate = prefix + "stage." + std::to_string(s) + ".gate";
    if (file_.find(gate) != nullptr) stage.gates = reals(gate, {spec.layout.stage(s).blocks()});
    return stage;
  }

  void check_all_read() const {
    const std::vector<std::string> known(read_.begin(), read_.end());
    for (const NamedTensor& tensor : file_.tensors) {
      if (read_.contains(tensor.name)) continue;
      refuse_tensor(tensor.name,
                    "belongs to no such model" + base::did_you_mean(tensor.name, known),
                    "leave it out, or correct its name or the metadata");
    }
  }

  const Safetensors& file_;
  std::int64_t n_ = 0;
  bool narrow_ = true;  ///< no F64 so far
  std::set<std::string> read_;
};

}  // namespace

ModelFile load_model(const std::string& path) { return Loader(io::read_safetensors(path)).load(); }

ModelFile parse_model(std::span<const std::byte> bytes, const std::string& name) {
  return Loader(io::parse_safetensors(bytes, name)).load();
}

}  // namespace papilio::train
