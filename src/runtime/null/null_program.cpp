// A program that refuses to run.
#include "runtime/null/null_program.h"

#include "papilio/error.h"

namespace papilio::runtime {
namespace {

class NullProgram final : public Program {
 public:
  explicit NullProgram(std::vector<OutputSpec> outputs) : Program(std::move(outputs), "null") {}

  void run(std::span<const base::TensorView>, std::span<const base::TensorView>, const RunOptions&,
           std::span<RowStatus>, Workspace&) const override {
    throw DeviceError("[null] the null device compiles and does not run; choose --device cpu");
  }

  MemoryNeed run_memory(const Load&, const RunOptions&) const override { return {}; }
  MemoryNeed stream_memory(const Load&, const RunOptions&) const override { return {}; }

  std::unique_ptr<Stream> stream(std::int64_t, const RunOptions&) const override {
    throw DeviceError("[null] the null device compiles and does not run; choose --device cpu");
  }
};

}  // namespace

std::unique_ptr<Program> make_null_program(const ir::Graph& graph) {
  std::vector<OutputSpec> outputs;
  for (const ir::Output& output : graph.outputs()) {
    outputs.push_back({output.name, graph.node(output.node).type});
  }
  return std::make_unique<NullProgram>(std::move(outputs));
}

}  // namespace papilio::runtime
