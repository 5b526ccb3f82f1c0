// Instruction sets: what is usable, and how PAPILIO_ISA chooses.
#include "kernels/isa.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "papilio/error.h"

namespace papilio::kernels {
namespace {

class IsaFromEnvironment : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const char* value = std::getenv("PAPILIO_ISA")) before_ = value;
  }
  void TearDown() override { setenv("PAPILIO_ISA", before_.c_str(), 1); }

 private:
  std::string before_;
};

TEST_F(IsaFromEnvironment, unset_means_the_best) {
  unsetenv("PAPILIO_ISA");
  EXPECT_EQ(isa_from_environment(), usable_isas().front());
}

TEST_F(IsaFromEnvironment, every_usable_name_is_taken) {
  for (Isa isa : usable_isas()) {
    setenv("PAPILIO_ISA", name_of(isa), 1);
    EXPECT_EQ(isa_from_environment(), isa);
  }
}

TEST_F(IsaFromEnvironment, unknown_name_lists_the_usable_ones) {
  setenv("PAPILIO_ISA", "avx1024", 1);
  try {
    isa_from_environment();
    FAIL() << "accepted";
  } catch (const UserError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("avx1024"), std::string::npos) << text;
    for (Isa isa : usable_isas()) EXPECT_NE(text.find(name_of(isa)), std::string::npos) << text;
  }
}

TEST(UsableIsas, are_best_first_without_repeats) {
  const std::vector<Isa> usable = usable_isas();
  ASSERT_FALSE(usable.empty());
  EXPECT_TRUE(std::is_sorted(usable.begin(), usable.end(),
                             [](Isa a, Isa b) { return vector_bytes(a) > vector_bytes(b); }));
  EXPECT_EQ(std::adjacent_find(usable.begin(), usable.end()), usable.end());
}

}  // namespace
}  // namespace papilio::kernels
