/// Helpers of the tests of model files: models of every kind, files changed by hand, comparison.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/rng.h"
#include "io/files.h"
#include "io/safetensors.h"
#include "train/model_file.h"
#include "transform/apply.h"
#include "transform/inits.h"
#include "transform/structures.h"

namespace papilio::train {

using transform::Network;
using transform::NetworkSpec;

inline NetworkSpec spec_of(const std::string& radices) {
  NetworkSpec spec;
  spec.layout = transform::parse_layout(radices);
  return spec;
}

/// Gates in every second stage.
inline Network gated(Network network) {
  base::Rng rng(3);
  for (std::size_t s = 0; s < network.stages.size(); s += 2) {
    auto& gates = network.stages[s].gates;
    const auto stage = network.spec.layout.stage(static_cast<int>(s));
    for (std::int64_t b = 0; b < stage.blocks(); ++b) gates.push_back(rng.uniform());
  }
  return network;
}

/// One network of every kind that a file can hold, by name.
inline std::map<std::string, Network> networks_of_all_kinds() {
  std::map<std::string, Network> all;
  const auto random = [](const std::string& radices,
                         const std::function<void(NetworkSpec&)>& edit) {
    NetworkSpec spec = spec_of(radices);
    edit(spec);
    return random_network(spec, 7);
  };
  all["dit"] = random("2,2,2", [](NetworkSpec&) {});
  all["mixed"] = random("4,3,5", [](NetworkSpec&) {});
  all["dif"] = random("2,4,2", [](NetworkSpec& s) { s.order = transform::Order::dif; });
  all["stockham"] = random("8,2", [](NetworkSpec& s) { s.order = transform::Order::stockham; });
  all["tied"] = random("2,2,2", [](NetworkSpec& s) { s.tying = transform::Tying::tied; });
  all["inverse"] = random("3,3", [](NetworkSpec& s) {
    s.direction = transform::Direction::inverse;
    s.norm = transform::Norm::forward;
  });
  all["block"] = random("4,2", [](NetworkSpec& s) { s.form = transform::Form::block; });
  all["real field"] = random("2,2,3", [](NetworkSpec& s) {
    s.form = transform::Form::block;
    s.field = transform::Field::real;
  });
  all["real input"] = random("2,4", [](NetworkSpec& s) { s.input = transform::Input::real; });
  all["gated"] = gated(random("2,2,2,2", [](NetworkSpec&) {}));
  all["ortho"] = random("2,2", [](NetworkSpec& s) { s.norm = transform::Norm::ortho; });
  return all;
}

inline ModelFile pair_of(ModelKind kind) {
  NetworkSpec spec = spec_of("2,2,2");
  ModelFile model;
  model.kind = kind;
  const bool chain = kind == ModelKind::chain;
  model.parts.push_back({chain ? "0" : "encoder", random_network(spec, 1), {}});
  spec.direction = transform::Direction::inverse;
  model.parts.push_back({chain ? "1" : "decoder", random_network(spec, 2), {}});
  return model;
}

inline void expect_same(const Network& a, const Network& b) {
  EXPECT_EQ(a.spec, b.spec);
  EXPECT_EQ(a.scale, b.scale);
  EXPECT_EQ(a.permutation, b.permutation);
  EXPECT_EQ(a.recombination, b.recombination);
  ASSERT_EQ(a.stages.size(), b.stages.size());
  for (std::size_t s = 0; s < a.stages.size(); ++s) {
    EXPECT_EQ(a.stages[s].parameters, b.stages[s].parameters) << s;
    EXPECT_EQ(a.stages[s].gates, b.stages[s].gates) << s;
  }
}

inline void expect_same(const ModelFile& a, const ModelFile& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.real_part, b.real_part);
  EXPECT_EQ(a.dtype, b.dtype);
  EXPECT_EQ(a.training, b.training);
  ASSERT_EQ(a.parts.size(), b.parts.size());
  for (std::size_t i = 0; i < a.parts.size(); ++i) {
    EXPECT_EQ(a.parts[i].name, b.parts[i].name);
    EXPECT_EQ(a.parts[i].diagonal, b.parts[i].diagonal);
    expect_same(a.parts[i].network, b.parts[i].network);
  }
}

/// The file of a model, taken apart to be spoiled.
class SpoiledFile {
 public:
  explicit SpoiledFile(const ModelFile& model) {
    const std::string path = folder_ / "good.safetensors";
    save_model(model, path);
    contents_ = io::read_safetensors(path);
  }

  SpoiledFile& words(const std::string& key, const std::string& value) {
    contents_.metadata[key] = value;
    return *this;
  }
  SpoiledFile& no_words(const std::string& key) {
    contents_.metadata.erase(key);
    return *this;
  }
  template <typename T>
  SpoiledFile& put(const std::string& name, const std::vector<std::int64_t>& shape,
                   const std::vector<T>& values) {
    drop(name);
    contents_.tensors.push_back(io::make_tensor<T>(name, shape, values));
    return *this;
  }
  SpoiledFile& drop(const std::string& name) {
    std::erase_if(contents_.tensors, [&](const auto& tensor) { return tensor.name == name; });
    return *this;
  }
  ModelFile load() const {
    const std::string path = folder_ / "bad.safetensors";
    io::write_safetensors(contents_, path);
    return load_model(path);
  }
  /// Loading is refused with the file's name and all of these parts.
  void refused(std::vector<std::string> parts) const {
    parts.emplace_back("[model] " + (folder_ / "bad.safetensors") + ": ");
    io::expect_parts(io::message_of([&] { load(); }), parts);
  }

 private:
  io::TempFolder folder_;
  io::Safetensors contents_;
};

}  // namespace papilio::train
