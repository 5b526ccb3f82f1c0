// Where the rows of butterfly plans lie, how many they are, and what must not depend on it.
#include "butterfly_support.h"
#include "transform/layout.h"

namespace papilio::runtime::testing {
namespace {

class ButterflyRows : public EveryIsa {};

/// A network along rows, one on tiles, and the lengths that share vectors.
std::vector<PlainButterfly> networks() {
  std::vector<PlainButterfly> list;
  for (const int stages : {4, 6, 7, 8}) {
    list.push_back(digit_reversed(plain_network(std::vector<int>(std::size_t(stages), 2))));
  }
  list.push_back(digit_reversed(plain_network({5, 3, 4})));
  list.push_back(shuffled(plain_network({7, 3}, true)));
  for (std::size_t i = 0, size = list.size(); i < size; ++i) list.push_back(transposed(list[i]));
  return list;
}

TEST_P(ButterflyRows, any_number_of_rows_anywhere) {
  for (const PlainButterfly& net : networks()) {
    for (const std::int64_t rows : {0, 1, 2, 3, 7, 8, 16, 17, 33}) {
      expect_right<float>(net, GetParam(), {rows, rows % 3, rows % 5});
      expect_right<double>(net, GetParam(), {rows, rows % 3, rows % 5});
    }
  }
}

TEST_P(ButterflyRows, past_the_caches) {
  for (const PlainButterfly& net : networks()) {
    for (const std::int64_t gap : {0, 1, 8}) {
      const Places at{9, gap, 0, true, kernels::Writes::streamed};
      expect_right<float>(net, GetParam(), at);
      expect_right<double>(net, GetParam(), at);
    }
  }
}

TEST_P(ButterflyRows, gradients_of_rows_that_nobody_wants) {
  for (const PlainButterfly& net : networks()) {
    expect_right<float>(net, GetParam(), {5, 1, 1, false});
    expect_right<double>(net, GetParam(), {5, 1, 1, false});
  }
}

/// Results of rows side by side, of T values: y, dx, the gradient table.
template <typename T>
struct Outcome {
  std::vector<std::complex<T>> y, dx;
  std::vector<T> gradient;
  bool operator==(const Outcome&) const = default;
};

template <typename T>
Outcome<T> run(const PlainButterfly& net, kernels::Isa isa, std::int64_t rows,
               std::int64_t at_once) {
  const ButterflyPlan<T> plan(net.attrs, isa);
  const Values p = random_parameters(net, 1);
  const std::vector<std::complex<T>> narrow(p.begin(), p.end());
  base::Buffer<T> table(static_cast<std::size_t>(plan.table_size()));
  base::Buffer<T> gradient(static_cast<std::size_t>(plan.table_size()));
  base::Buffer<T> work(
      static_cast<std::size_t>(std::max(plan.work_size(), plan.backward_work_size())));
  std::fill_n(gradient.data(), gradient.size(), T(0));
  plan.pack(narrow.data(), table.data());
  const Values xs = random_complex(rows * net.n(), 2), gs = random_complex(rows * net.n(), 3);
  std::vector<std::complex<T>> x(xs.begin(), xs.end()), g(gs.begin(), gs.end());
  Outcome<T> result{x, x, {}};
  const auto rows_of = [&](std::vector<std::complex<T>>& values, std::int64_t row) {
    return kernels::PairRows<T>{values.data(), net.n()}.from(row);
  };
  for (std::int64_t row = 0; row < rows; row += at_once) {
    const std::int64_t count = std::min(at_once, rows - row);
    plan.forward(table.data(), rows_of(x, row), rows_of(result.y, row), count, work.data());
    plan.backward(table.data(), rows_of(x, row), rows_of(g, row), rows_of(result.dx, row), count,
                  gradient.data(), work.data());
  }
  result.gradient.assign(gradient.data(), gradient.data() + gradient.size());
  return result;
}

TEST_P(ButterflyRows, the_same_call_gives_the_same_bits) {
  for (const PlainButterfly& net : networks()) {
    EXPECT_TRUE(run<float>(net, GetParam(), 19, 19) == run<float>(net, GetParam(), 19, 19))
        << net.name();
  }
}

TEST_P(ButterflyRows, a_row_has_the_same_bits_whatever_shares_its_call) {
  for (const PlainButterfly& net : networks()) {
    const Outcome<float> together = run<float>(net, GetParam(), 19, 19);
    for (const std::int64_t at_once : {1, 2, 5}) {
      const Outcome<float> apart = run<float>(net, GetParam(), 19, at_once);
      EXPECT_TRUE(apart.y == together.y) << net.name();
      EXPECT_TRUE(apart.dx == together.dx) << net.name();
    }
  }
}

PAPILIO_EVERY_ISA(ButterflyRows);

}  // namespace
}  // namespace papilio::runtime::testing
