// Every diagnostic of model files: what is refused, and that the message names file and tensor.
#include <cmath>
#include <limits>
#include <random>

#include "train/model_file.h"
#include "train/model_files.h"

namespace papilio::train {
namespace {

ModelFile plain() { return model_of(networks_of_all_kinds().at("dit")); }
SpoiledFile spoiled() { return SpoiledFile(plain()); }

TEST(ModelRefusals, Words) {
  spoiled().no_words("papilio_format").refused({"no model of Papilio", "papilio_format"});
  spoiled().words("papilio_format", "2").refused({"format '2'", "format '1'"});
  spoiled().no_words("kind").refused({"'kind' is missing", "docs/learning.md"});
  spoiled().words("kind", "netwrok").refused({"'netwrok'", "did you mean network?", "encdec"});
  for (const char* key : {"n", "radices", "order", "tying", "norm", "direction"}) {
    spoiled().no_words(key).refused({std::string("'") + key + "' is missing"});
  }
  for (const char* key : {"order", "tying", "norm", "direction", "form", "field", "input"}) {
    spoiled().words(key, "x\n").refused({std::string("'") + key + "' is 'x?'", "one of: "});
  }
  spoiled().words("output", "imaginary").refused({"'output' is 'imaginary'", "complex, real"});
  for (const char* n : {"", "8.0", "-8", "+8", "0x8", "8 ", "99999999999999999999", "0"}) {
    spoiled().words("n", n).refused({"metadata 'n' is '", "whole number"});
  }
  spoiled().words("n", "16").refused({"'n' is 16", "'2,2,2' make n = 8"});
  spoiled().words("radices", "2,2,x").refused({"metadata 'radices'"});
  spoiled().words("radices", "2,2,64").refused({"metadata 'radices'", "64"});
  spoiled().words("training", "{").refused({"'training' is no JSON object"});
  spoiled().words("training", "[1]").refused({"'training' is no JSON object"});
}

TEST(ModelRefusals, Shapes) {
  const std::vector<double> eight(8, 1.0);
  spoiled().drop("stage.1.twiddle").refused({"'stage.1.twiddle' is missing", "[4, 1, 2]"});
  spoiled()
      .put("stage.1.twiddle", {4, 2}, eight)
      .refused({"'stage.1.twiddle'", "[4, 2]", "ask for [4, 1, 2]"});
  spoiled().drop("permutation").refused({"'permutation' is missing", "[8]"});
  spoiled().put<std::int32_t>("permutation", {1}, {0}).refused({"'permutation'", "[1]", "[8]"});
  spoiled()
      .put<std::int64_t>("permutation", {8}, std::vector<std::int64_t>(8, 0))
      .refused({"'permutation' holds I64", "int32"});
  spoiled()
      .put<std::int32_t>("stage.0.twiddle", {4, 1, 2}, std::vector<std::int32_t>(8, 0))
      .refused({"'stage.0.twiddle' holds I32", "float64"});
  spoiled().drop("scale").refused({"'scale' is missing"});
  spoiled().put<double>("scale", {}, {1.0}).refused({"'scale' has the shape []", "[1]"});
  spoiled().put<double>("stage.0.gate", {3}, {1, 1, 1}).refused({"'stage.0.gate'", "[3]", "[4]"});
  spoiled().put<double>("diagonal", {4, 2}, eight).refused({"'diagonal'", "[4, 2]", "[8, 2]"});
  spoiled().words("form", "block").refused({"'stage.0.block' is missing", "[4, 2, 2, 2]"});
  spoiled().words("input", "real").words("n", "16").refused({"'recombination.twiddle' is missing"});
  spoiled()
      .put<double>("stage.3.twiddle", {1}, {1.0})
      .refused({"'stage.3.twiddle' belongs to no such model", "did you mean stage.0.twiddle?"});
}

TEST(ModelRefusals, Numbers) {
  const double nan = std::nan("");
  spoiled()
      .put<double>("stage.2.twiddle", {4, 1, 2}, {1, 0, 1, 0, 1, nan, 1, 0})
      .refused({"'stage.2.twiddle'", "not finite at place 2", "last good"});
  spoiled().put<double>("scale", {1}, {HUGE_VAL}).refused({"'scale' is inf"});
  spoiled().put<double>("scale", {1}, {0.0}).refused({"'scale' is 0"});
  spoiled()
      .put<std::int32_t>("permutation", {8}, {0, 1, 2, 3, 4, 5, 6, 6})
      .refused({"'permutation'", "twice or out of range"});
  spoiled()
      .put<std::int32_t>("permutation", {8}, {0, 1, 2, 3, 4, 5, 6, -1})
      .refused({"'permutation'"});
  spoiled()
      .put<double>("stage.0.gate", {4}, {0, 1, 1.5, 0})
      .refused({"'stage.0.gate'", "1.5", "block 2", "clip"});
  spoiled().put<double>("stage.0.gate", {4}, {nan, 1, 1, 0}).refused({"'stage.0.gate'", "nan"});
  SpoiledFile(model_of(networks_of_all_kinds().at("tied")))
      .put<double>("stage.0.twiddle", {4, 1, 2}, {1, 0, 1, 0, 1, 0, 1, 1e-9})
      .refused({"'stage.0.twiddle' is tied", "blocks 0 and 3", "untied"});
  SpoiledFile(model_of(networks_of_all_kinds().at("real input")))
      .put<double>("diagonal", {8, 2}, std::vector<double>(16, 1.0))
      .refused({"'diagonal'", "real input"});
  SpoiledFile(model_of(networks_of_all_kinds().at("real input")))
      .words("output", "real")
      .refused({"real input", "file of its own"});
}

TEST(ModelRefusals, KindsThatExcludeEachOther) {
  spoiled().words("field", "real").refused({"block form"});
  SpoiledFile(model_of(networks_of_all_kinds().at("block")))
      .words("tying", "tied")
      .refused({"blocks cannot be tied"});
  spoiled().words("kind", "encdec").refused({"'encoder.permutation' is missing"});
  SpoiledFile(pair_of(ModelKind::chain))
      .drop("1.permutation")
      .refused({"'1.permutation' is missing"});
  SpoiledFile(pair_of(ModelKind::encdec))
      .words("kind", "network")
      .no_words("encoder.radices")
      .refused({"'radices' is missing"});
  ModelFile uneven = pair_of(ModelKind::chain);
  uneven.parts[1].network = networks_of_all_kinds().at("ortho");
  const io::TempFolder folder;
  io::expect_parts(io::message_of([&] { save_model(uneven, folder / "x"); }), {"different n"});
}

TEST(ModelRefusals, SavingRefusesWhatLoadingWould) {
  const io::TempFolder folder;
  const auto refused = [&](const ModelFile& model, const std::vector<std::string>& parts) {
    const std::string message = io::message_of([&] { save_model(model, folder / "x"); });
    EXPECT_EQ(message.find("[model] " + (folder / "x")), 0U) << message;
    io::expect_parts(message, parts);
    EXPECT_TRUE(folder.list().empty());
  };
  ModelFile model = plain();
  model.parts[0].network.stages[0].parameters[1] = {0.0, HUGE_VAL};
  refused(model, {"'stage.0.twiddle'", "place 1"});
  model = plain();
  model.dtype = DType::f32;
  model.parts[0].network.scale = 1e300;
  refused(model, {"'scale' is inf"});
  model = plain();
  model.dtype = DType::i8;
  refused(model, {"f32 or f64", "int8"});
  model = plain();
  model.training = base::Json::array();
  refused(model, {"training", "JSON object"});
  model = plain();
  model.parts[0].name = "0";
  refused(model, {"kind network", "'0'"});
  model = plain();
  model.parts[0].network.spec.layout.radices = {0};
  refused(model, {"radi"});
  model = plain();
  model.parts[0].diagonal.resize(3, 1.0);
  refused(model, {"diagonal has 3", "8"});
}

TEST(ModelRefusals, ChainsOfOtherShapes) {
  const Network network = networks_of_all_kinds().at("dit");
  const transform::Permutation turn{{1, 0, 2, 3, 4, 5, 6, 7}};
  const auto refused = [](const std::vector<transform::Factor>& factors, const std::string& part) {
    const std::string message = io::message_of([&] { model_of(transform::Chain{8, factors}); });
    io::expect_parts(message, {"[model] ", part});
  };
  refused({network, turn}, "output of its last network");
  refused({transform::Diagonal{std::vector<transform::Complex>(8, 1.0)}, network},
          "follows no network");
  refused({transform::RealPart{}, network}, "behind its real part");
  refused({turn}, "no network");
  Network dif = networks_of_all_kinds().at("dif");
  std::vector<std::int32_t> same(16);
  for (int i = 0; i < 16; ++i) same[static_cast<std::size_t>(i)] = i;
  io::expect_parts(io::message_of([&] {
                     model_of(transform::Chain{16, {transform::Permutation{same}, dif}});
                   }),
                   {"order dif"});
  io::expect_parts(
      io::message_of([] { chain_of(model_of(networks_of_all_kinds().at("real input"))); }),
      {"real input"});
}

TEST(ModelRefusals, TruncatedAndFlippedFiles) {
  const io::TempFolder folder;
  save_model(plain(), folder / "m");
  const std::string good = io::slurp(folder / "m");
  const auto parsed = [](const std::string& bytes) {
    return parse_model(std::as_bytes(std::span(bytes.data(), bytes.size())), "m");
  };
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_THROW(parsed(good.substr(0, length)), UserError) << length;
  }
  std::mt19937 random(1);
  int refused = 0;
  for (int turn = 0; turn < 3000; ++turn) {
    std::string bytes = good;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    try {
      validate(parsed(bytes).parts.at(0).network);
    } catch (const UserError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1500);
  io::expect_parts(io::message_of([&] { load_model(folder / "none"); }), {"no such file"});
}

}  // namespace
}  // namespace papilio::train
