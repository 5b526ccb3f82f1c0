// Welch's PSD against pipelines on FFTW and MKL.
#include "feature_work.h"
#include "options.h"
#include "peers/peers.h"

namespace papilio::bench {
namespace {

std::vector<Outcome> run(const Command& command, const Told& told) {
  use_fftw_wisdom(command.wisdom);
  return bench_features("welch", command.settings, add_pipelines, told);
}

}  // namespace
}  // namespace papilio::bench

int main(int argc, char** argv) {
  return papilio::bench::bench_main("bench_welch", argc, argv, papilio::bench::run);
}
