// Choices of elements and their adjoint, by hand.
#include <gtest/gtest.h>

#include <memory>

#include "reference/run_op.h"

namespace papilio::reference {
namespace {

using ir::OpKind;
using Values = std::vector<double>;

ir::GatherAttrs choice(std::vector<std::int32_t> index, std::int64_t size) {
  return {std::make_shared<const std::vector<std::int32_t>>(std::move(index)), size};
}

TEST(ReferenceGather, ReadsElementsOfEachRow) {
  const Tensor x = real_rows({{1, 2, 3}, {4, 5, 6}});
  const Tensor y = run_op(x, OpKind::Gather, choice({2, 0, 0, 1}, 3));
  EXPECT_EQ(y.shape, (std::vector<std::int64_t>{2, 4}));
  EXPECT_EQ(y.re, (Values{3, 1, 1, 2, 6, 4, 4, 5}));
}

TEST(ReferenceScatter, AddsUpWhatMeetsAndLeavesZeros) {
  const Tensor x = real_rows({{1, 2, 3}, {4, 5, 6}});
  const Tensor y = run_op(x, OpKind::Scatter, choice({3, 0, 3}, 4));
  EXPECT_EQ(y.shape, (std::vector<std::int64_t>{2, 4}));
  EXPECT_EQ(y.re, (Values{2, 0, 0, 4, 5, 0, 0, 10}));
}

TEST(ReferenceGather, KeepsComplexNumbersTogether) {
  const Tensor x = complex_row({{1, -1}, {2, -2}});
  EXPECT_EQ(run_op(x, OpKind::Gather, choice({1, 0, 1}, 2)).im, (Values{-2, -1, -2}));
  EXPECT_EQ(run_op(x, OpKind::Scatter, choice({1, 1}, 2)).im, (Values{0, -3}));
}

TEST(ReferenceGather, TakesVectorsThatBelongToNoRow) {
  const Tensor y = run_op(real_rows({{0, 0}}), [](ir::GraphBuilder& b, ir::NodeId) {
    const ir::NodeId wide = b.add(OpKind::Gather, {b.constant({7.0, 8.0})}, choice({1, 0, 1}, 2));
    return b.add(OpKind::Scatter, {wide}, choice({0, 1, 0}, 2));
  });
  EXPECT_EQ(y.shape, (std::vector<std::int64_t>{2}));
  EXPECT_EQ(y.re, (Values{16, 7}));
}

}  // namespace
}  // namespace papilio::reference
