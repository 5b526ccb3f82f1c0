// Top-k bins and peaks of Welch's PSD against Papilio's own selection on FFTW's and MKL's PSD.
#include "feature_work.h"
#include "options.h"
#include "peers/peers.h"

namespace papilio::bench {
namespace {

std::vector<Outcome> run(const Command& command, const Told& told) {
  use_fftw_wisdom(command.wisdom);
  return bench_features("peaks", command.settings, add_pipelines, told);
}

}  // namespace
}  // namespace papilio::bench

int main(int argc, char** argv) {
  return papilio::bench::bench_main("bench_peaks", argc, argv, papilio::bench::run);
}
