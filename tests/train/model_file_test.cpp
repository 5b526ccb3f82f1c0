// What is saved comes back bit for bit, for every kind of model.
#include "train/model_file.h"

#include <cmath>

#include "train/model_files.h"

namespace papilio::train {
namespace {

ModelFile saved_and_loaded(const ModelFile& model) {
  const io::TempFolder folder;
  const std::string path = folder / "m.safetensors";
  save_model(model, path);
  return load_model(path);
}

TEST(ModelFile, BringsEveryKindOfNetworkBack) {
  for (const auto& [name, network] : networks_of_all_kinds()) {
    SCOPED_TRACE(name);
    ModelFile model = model_of(network);
    model.training = {{"steps", 100}, {"loss", 0.25}};
    const ModelFile back = saved_and_loaded(model);
    expect_same(back, model);
    EXPECT_FALSE(back.version.empty());
  }
}

TEST(ModelFile, BringsSeveralNetworksBack) {
  for (const ModelKind kind : {ModelKind::encdec, ModelKind::chain}) {
    const ModelFile model = pair_of(kind);
    expect_same(saved_and_loaded(model), model);
  }
}

TEST(ModelFile, HoldsSingleNumbersWhenAsked) {
  ModelFile model = model_of(networks_of_all_kinds().at("gated"));
  model.dtype = DType::f32;
  const ModelFile back = saved_and_loaded(model);
  EXPECT_EQ(back.dtype, DType::f32);
  const auto& wide = model.parts[0].network.stages[1].parameters;
  const auto& narrow = back.parts[0].network.stages[1].parameters;
  EXPECT_NE(wide, narrow);
  for (std::size_t i = 0; i < wide.size(); ++i) EXPECT_LE(std::abs(wide[i] - narrow[i]), 1e-7);
  expect_same(saved_and_loaded(back), back);
}

TEST(ModelFile, HoldsTheChainsOfDctsAndConvolution) {
  const NetworkSpec spec = spec_of("2,2,3");
  const std::vector<transform::Complex> kernel(12, {0.5, 0.25});
  for (const transform::Chain& chain :
       {transform::dct2(spec), transform::dct4(spec), circular_convolution(spec, kernel)}) {
    const ModelFile back = saved_and_loaded(model_of(chain));
    const transform::Matrix wanted = dense(chain);
    const transform::Matrix got = dense(chain_of(back));
    ASSERT_EQ(got.values.size(), wanted.values.size());
    for (std::size_t i = 0; i < wanted.values.size(); ++i) {
      EXPECT_EQ(got.values[i], wanted.values[i]);
    }
  }
}

TEST(ModelFile, SameModelSameBytes) {
  const io::TempFolder folder;
  const ModelFile model = pair_of(ModelKind::encdec);
  save_model(model, folder / "a");
  save_model(load_model(folder / "a"), folder / "b");
  EXPECT_EQ(io::slurp(folder / "a"), io::slurp(folder / "b"));
}

TEST(ModelFile, NeedsOnlyTheWordsOfTheFormat) {
  for (const auto& [name, network] : networks_of_all_kinds()) {
    SCOPED_TRACE(name);
    SpoiledFile file(model_of(network));
    for (const char* key : {"form", "field", "input", "output", "training", "papilio_version"}) {
      file.no_words(key);
    }
    expect_same(file.words("owner", "somebody").load(), model_of(network));
  }
}

TEST(ModelFile, LetsPartsShareWords) {
  SpoiledFile file(pair_of(ModelKind::chain));
  file.no_words("0.radices").no_words("1.radices").words("radices", "2,2,2");
  expect_same(file.load(), pair_of(ModelKind::chain));
}

}  // namespace
}  // namespace papilio::train
