// Butterfly plans against the networks of transform/, and the plain loops of these tests against
// central differences.
#include "butterfly_support.h"
#include "transform/apply.h"
#include "transform/inits.h"
#include "transform/layout.h"

namespace papilio::runtime::testing {
namespace {

class ButterflyNetwork : public EveryIsa {};

TEST(PlainButterfly, its_gradients_are_central_differences) {
  for (const bool block : {false, true}) {
    const PlainButterfly forward = shuffled(plain_network({3, 2, 5}, block));
    for (const PlainButterfly& net : {forward, transposed(forward), inverse(forward)}) {
      Values p = random_parameters(net, 1);
      Values x = random_complex(net.n(), 2);
      const Values g = random_complex(net.n(), 3);
      Values dp(p.size());
      const Values dx = net.backward(p, x, g, dp);
      const auto loss = [&] {
        const Values y = net.forward(p, x);
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) sum += (std::conj(g[i]) * y[i]).real();
        return sum;
      };
      const auto difference = [&](Complex& at, Complex along) {
        const Complex kept = at;
        at = kept + 1e-5 * along;
        const double above = loss();
        at = kept - 1e-5 * along;
        const double below = loss();
        at = kept;
        return (above - below) / 2e-5;
      };
      Values measured_p, measured_x;
      for (Complex& value : p) {
        measured_p.emplace_back(difference(value, 1), difference(value, {0, 1}));
      }
      for (Complex& value : x) {
        measured_x.emplace_back(difference(value, 1), difference(value, {0, 1}));
      }
      EXPECT_LE(relative_error(measured_p, dp), 1e-8) << net.name();
      EXPECT_LE(relative_error(measured_x, dx), 1e-8) << net.name();
    }
  }
}

/// The op of a network of complex input, which adds a scale only.
ir::ButterflyAttrs attrs_of(const transform::Network& network) {
  ir::ButterflyAttrs attrs;
  attrs.radices = network.spec.layout.radices;
  attrs.last = network.spec.layout.stages();
  attrs.block = network.spec.form == transform::Form::block;
  attrs.inverse = network.spec.direction == transform::Direction::inverse;
  attrs.transposed = network.spec.order == transform::Order::dif;
  attrs.permutation = std::make_shared<const std::vector<std::int32_t>>(network.permutation);
  return attrs;
}

TEST_P(ButterflyNetwork, of_exact_transforms) {
  for (const char* radices : {"2,2,2,2,2,2", "2,2,2,2,2,2,2,2", "16,5,5", "4,2,3", "16,16"}) {
    for (const auto order : {transform::Order::dit, transform::Order::dif}) {
      for (const auto direction : {transform::Direction::forward, transform::Direction::inverse}) {
        for (const auto form : {transform::Form::twiddle, transform::Form::block}) {
          transform::NetworkSpec spec;
          spec.layout = transform::parse_layout(radices);
          spec.order = order;
          spec.direction = direction;
          spec.form = form;
          spec.norm = transform::Norm::none;
          const transform::Network network = transform::exact_dft(spec);
          const ButterflyPlan<double> plan(attrs_of(network), GetParam());
          Values p;
          for (const transform::Stage& stage : network.stages) {
            p.insert(p.end(), stage.parameters.begin(), stage.parameters.end());
          }
          ASSERT_EQ(plan.parameters(), static_cast<std::int64_t>(p.size()));
          base::Buffer<double> table(static_cast<std::size_t>(plan.table_size()));
          base::Buffer<double> work(static_cast<std::size_t>(plan.work_size()));
          plan.pack(p.data(), table.data());
          Values x = random_complex(plan.n(), 7), y(x.size());
          plan.forward(table.data(), {x.data(), plan.n()}, {y.data(), plan.n()}, 1, work.data());
          EXPECT_LE(relative_error(y, transform::apply_network(network, x)), 2e-15) << radices;
        }
      }
    }
  }
}

PAPILIO_EVERY_ISA(ButterflyNetwork);

}  // namespace
}  // namespace papilio::runtime::testing
