// Models on a device beside what they mean. On a GPU or the emulator too; skipped where there is
// neither.
#include "train/model_run.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "papilio/error.h"
#include "runtime/cuda/driver/driver.h"
#include "runtime/cuda/driver/nvrtc.h"
#include "train/model_error.h"
#include "train/model_files.h"

namespace papilio::train {
namespace {

using transform::Complex;
using Signal = std::vector<Complex>;

bool there(const std::string& device) {
  std::string why;
  return device != "cuda" ||
         (runtime::cuda::cuda_available(&why) && runtime::cuda::nvrtc_available(&why));
}

class ModelRuns : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!there(on_.device)) GTEST_SKIP() << "there is no GPU";
    setenv("PAPILIO_CACHE_DIR", "", 1);
  }
  RunOn on_{GetParam(), 2};
};

/// Rows of what a model takes, one after the other.
Signal rows_for(const ModelFile& model, std::int64_t count) {
  Signal rows;
  for (std::int64_t row = 0; row < count; ++row) {
    const Signal one = test_row(model.n(), takes_real(model), 5, row);
    rows.insert(rows.end(), one.begin(), one.end());
  }
  return rows;
}

/// ||a - b|| / ||b||
double distance(const Signal& a, const Signal& b) {
  EXPECT_EQ(a.size(), b.size());
  double difference = 0.0;
  double power = 0.0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    difference += std::norm(a[i] - b[i]);
    power += std::norm(b[i]);
  }
  return std::sqrt(difference / power);
}

/// What the model means, row by row.
Signal meant(const ModelFile& model, const Signal& rows) {
  Signal results;
  const auto n = static_cast<std::size_t>(model.n());
  for (std::size_t at = 0; at < rows.size(); at += n) {
    const Signal one = apply_model(model, std::span(rows).subspan(at, n));
    results.insert(results.end(), one.begin(), one.end());
  }
  return results;
}

/// Mixed radices, gates, real input, a DCT's diagonal and real part, two networks.
std::map<std::string, ModelFile> models() {
  std::map<std::string, ModelFile> all;
  const auto networks = networks_of_all_kinds();
  for (const char* name : {"mixed", "dif", "block", "real input", "gated"}) {
    all[name] = model_of(networks.at(name));
  }
  all["dct2"] = model_of(transform::dct2(spec_of("2,2,3")));
  all["chain"] = pair_of(ModelKind::chain);
  all["chain"].parts[0].diagonal.assign(8, {0.5, 0.5});
  return all;
}

TEST_P(ModelRuns, GiveWhatModelsMean) {
  for (const auto& [name, model] : models()) {
    const Signal rows = rows_for(model, 3);
    ModelRun run(model, on_);
    EXPECT_LE(distance(run(rows), meant(model, rows)), 1e-14) << name;
  }
}

TEST_P(ModelRuns, InversesUndoThem) {
  for (const auto& [name, model] : models()) {
    if (model.real_part) continue;
    const Signal rows = rows_for(model, 3);
    InverseRun undo(model, on_);
    EXPECT_LE(distance(undo(meant(model, rows)), rows), 1e-12) << name;
  }
}

TEST_P(ModelRuns, ErrorsOfTheMatrixAreThose) {
  ModelFile model = models().at("dif");
  const ModelFile exact = exact_model(model, "dft");
  ModelRun run(model, on_);
  const MatrixError found = matrix_error(std::ref(run), exact, false);
  EXPECT_NEAR(found.relative, matrix_error(model, exact).relative, 1e-13);
  EXPECT_EQ(found.probes, 0);
}

INSTANTIATE_TEST_SUITE_P(On, ModelRuns, testing::Values("cpu", "cuda"));

TEST(InverseRun, RefusesWhatHasNone) {
  const auto all = models();
  io::expect_parts(io::message_of([&] { InverseRun(all.at("dct2"), {}); }),
                   {"real part", "DECODER"});
  ModelFile chain = all.at("chain");
  chain.parts[0].diagonal[3] = 0.0;
  io::expect_parts(io::message_of([&] { InverseRun(chain, {}); }), {"diagonal 3 is 0"});
  ModelFile singular = all.at("mixed");
  for (Complex& w : singular.parts[0].network.stages[1].parameters) w = 0.0;
  io::expect_parts(io::message_of([&] { InverseRun(singular, {}); }), {"stage 1, block 0"});
}

TEST(ModelRun, LongOnesAreProbed) {
  ModelFile model = model_of(exact_dft(spec_of("16,16,16")));
  model.parts[0].network.scale = 1.25;
  const ModelFile exact = exact_model(model, "dft");
  ModelRun run(model, {});
  const MatrixError found = matrix_error(std::ref(run), exact, false);
  EXPECT_NEAR(found.relative, 0.25, 1e-12);
  EXPECT_EQ(found.probes, 16);
}

}  // namespace
}  // namespace papilio::train
