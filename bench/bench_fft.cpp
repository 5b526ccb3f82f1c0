// Transforms of rows against FFTW, MKL and kissfft; how long a plan takes to make.
#include "fft_work.h"
#include "options.h"
#include "peers/peers.h"

namespace papilio::bench {
namespace {

void add_peers(FftProblem& problem, std::vector<Contender>& contenders) {
  add_mkl(problem, contenders);
  add_fftw(problem, contenders);
  add_kissfft(problem, contenders);
}

std::vector<Outcome> run(const Command& command, const Told& told) {
  use_fftw_wisdom(command.wisdom);
  // Plans first: later they would find what others have left in the caches.
  std::vector<Outcome> outcomes = bench_fft_plans(command.settings);
  const std::vector<Outcome> raced = bench_fft(command.settings, add_peers, told);
  outcomes.insert(outcomes.end(), raced.begin(), raced.end());
  return outcomes;
}

}  // namespace
}  // namespace papilio::bench

int main(int argc, char** argv) {
  return papilio::bench::bench_main("bench_fft", argc, argv, papilio::bench::run);
}
