// Dynamic programming over the divisors of a transform length.
#include "kernels/fft_factors.h"

#include <algorithm>
#include <limits>
#include <map>

#include "kernels/fft_kernels.h"
#include "papilio/error.h"

namespace papilio::kernels {
namespace {

struct Choice {
  double cost = 0;
  int radix = 1;
};

const Choice& cheapest(std::int64_t n, Isa isa, std::map<std::int64_t, Choice>& known) {
  if (const auto found = known.find(n); found != known.end()) return found->second;
  Choice best{std::numeric_limits<double>::infinity(), 0};
  if (n == 1) best = {0, 1};
  for (int radix : kRadices) {
    if (n == 1 || n % radix != 0) continue;
    const double cost = pass_cost(radix, isa) + cheapest(n / radix, isa, known).cost;
    if (cost < best.cost) best = {cost, radix};
  }
  return known[n] = best;
}

}  // namespace

bool is_five_smooth(std::int64_t n) {
  for (std::int64_t factor : {2, 3, 5}) {
    while (n % factor == 0) n /= factor;
  }
  return n == 1;
}

double pass_cost(int radix, Isa isa) {
  const bool many_registers = isa == Isa::avx512 || isa == Isa::neon;
  switch (radix) {
    case 2:
      return 1.3;
    case 3:
      return 1.7;
    case 4:
      return 1.5;
    case 5:
      return 2.2;
    case 8:
      return many_registers ? 1.8 : 2.0;
    case 16:
      return many_registers ? 2.4 : 3.1;
  }
  throw InternalError("[fft] no codelet of radix " + std::to_string(radix));
}

std::vector<int> best_radices(std::int64_t n, Isa isa) {
  std::map<std::int64_t, Choice> known;
  std::vector<int> radices;
  for (; n > 1; n /= radices.back()) radices.push_back(cheapest(n, isa, known).radix);
  std::sort(radices.rbegin(), radices.rend());
  return radices;
}

double radices_cost(std::int64_t n, Isa isa) {
  std::map<std::int64_t, Choice> known;
  return cheapest(n, isa, known).cost;
}

std::int64_t bluestein_length(std::int64_t n, const std::function<double(std::int64_t)>& cost) {
  const std::int64_t low = 2 * n - 1, high = 2 * low;
  std::int64_t best = 0;
  double best_cost = std::numeric_limits<double>::infinity();
  for (std::int64_t five = 1; five <= high; five *= 5) {
    for (std::int64_t three = five; three <= high; three *= 3) {
      for (std::int64_t m = three; m <= high; m *= 2) {
        if (m < low) continue;
        const double m_cost = cost(m);
        if (m_cost < 0 || m_cost >= best_cost) continue;
        best = m;
        best_cost = m_cost;
      }
    }
  }
  if (best == 0) throw InternalError("[fft] no Bluestein length for n = " + std::to_string(n));
  return best;
}

}  // namespace papilio::kernels
