// Model files for the oracles: models of every kind written, matrices of models printed.
//   model_tool random FILE RADICES [WORD...]   dif stockham block real-field real-input tied
//   inverse
//                                              ortho gates f32
//   model_tool chain FILE dct2|dct4|conv RADICES
//   model_tool dense FILE                      "rows columns" and a line, then row-major c128
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/rng.h"
#include "papilio/error.h"
#include "train/model_error.h"
#include "train/model_file.h"
#include "transform/inits.h"
#include "transform/structures.h"

namespace {

using namespace papilio;

const std::map<std::string, std::function<void(transform::NetworkSpec&)>> kWords{
    {"dif", [](auto& spec) { spec.order = transform::Order::dif; }},
    {"stockham", [](auto& spec) { spec.order = transform::Order::stockham; }},
    {"block", [](auto& spec) { spec.form = transform::Form::block; }},
    {"real-field", [](auto& spec) { spec.field = transform::Field::real; }},
    {"real-input", [](auto& spec) { spec.input = transform::Input::real; }},
    {"tied", [](auto& spec) { spec.tying = transform::Tying::tied; }},
    {"inverse", [](auto& spec) { spec.direction = transform::Direction::inverse; }},
    {"ortho", [](auto& spec) { spec.norm = transform::Norm::ortho; }},
    {"gates", [](auto&) {}},
    {"f32", [](auto&) {}},
};

void add_gates(transform::Network& network) {
  base::Rng rng(5);
  for (int s = 0; s < network.spec.layout.stages(); ++s) {
    auto& gates = network.stages[static_cast<std::size_t>(s)].gates;
    gates.resize(static_cast<std::size_t>(network.spec.layout.stage(s).blocks()));
    for (double& gate : gates) gate = rng.uniform();
  }
}

void write_random(const std::vector<std::string>& words) {
  transform::NetworkSpec spec;
  spec.layout = transform::parse_layout(words.at(1));
  bool gates = false;
  DType dtype = DType::f64;
  for (std::size_t i = 2; i < words.size(); ++i) {
    kWords.at(words[i])(spec);
    gates = gates || words[i] == "gates";
    if (words[i] == "f32") dtype = DType::f32;
  }
  transform::Network network = random_network(spec, 11);
  if (gates) add_gates(network);
  train::ModelFile model = train::model_of(network);
  model.dtype = dtype;
  train::save_model(model, words.at(0));
}

void write_chain(const std::vector<std::string>& words) {
  transform::NetworkSpec spec;
  spec.layout = transform::parse_layout(words.at(2));
  transform::Chain chain;
  if (words.at(1) == "dct2") chain = transform::dct2(spec);
  if (words.at(1) == "dct4") chain = transform::dct4(spec);
  if (words.at(1) == "conv") {
    std::vector<transform::Complex> kernel;
    for (std::int64_t t = 0; t < spec.layout.n; ++t) {
      const auto at = static_cast<double>(t);
      kernel.emplace_back(1.0 / (1.0 + at), 0.1 * at);
    }
    chain = circular_convolution(spec, kernel);
  }
  train::save_model(train::model_of(chain), words.at(0));
}

void print_dense(const std::string& path) {
  const transform::Matrix matrix = model_matrix(train::load_model(path));
  std::printf("%lld %lld\n", static_cast<long long>(matrix.rows),
              static_cast<long long>(matrix.columns));
  std::fwrite(matrix.values.data(), sizeof(matrix.values[0]), matrix.values.size(), stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2) return 2;
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  try {
    if (arguments[0] == "random") write_random(rest);
    if (arguments[0] == "chain") write_chain(rest);
    if (arguments[0] == "dense") print_dense(rest[0]);
  } catch (const papilio::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
