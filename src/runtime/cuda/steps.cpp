// A step is one captured graph of launches: facts in, loss, gradients, move, facts out. Rows of the
// next step are copied beside it.
#include "runtime/cuda/steps.h"

#include <array>
#include <cstring>
#include <vector>

#include "codegen/batch.h"
#include "papilio/error.h"
#include "runtime/cuda/driver/graph.h"
#include "runtime/cuda/driver/memory.h"
#include "runtime/cuda/launcher.h"

namespace papilio::runtime::cuda {
namespace {

constexpr std::size_t kAlign = 256;

std::size_t aligned(std::size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

/// Rows of one step on their way, and the step on them.
struct Slot {
  explicit Slot(const Device& device) : pinned(device), rows(device), copied(device) {}
  PinnedBuffer pinned;
  DeviceBuffer rows;
  Event copied;
  CapturedWork step;
};

class CudaSteps final : public Steps {
 public:
  CudaSteps(const ir::Graph& graph, const Descent& descent, const Device& device, std::int64_t rows)
      : rows_(rows),
        compiled_(compile_program(
            codegen::lower_batch(graph, signature_of(graph, device), &descent), device)),
        layout_(compiled_->program, rows, 0),
        work_(device, layout_.total),
        facts_(device, sizeof(StepFacts)),
        queue_(device),
        copies_(device),
        slots_{Slot(device), Slot(device)} {
    for (const ir::Node& node : graph.nodes()) {
      if (node.op != ir::OpKind::Input) continue;
      const auto shape = node.type.resolve(rows, node.as<ir::InputAttrs>().samples);
      inputs_.push_back(device_view(0, node.type.dtype, shape));
      input_bytes_ += aligned(bytes_of(inputs_.back()));
    }
    if (!compiled_->program.frame_outputs.empty()) {
      throw InternalError("[cuda] steps are of graphs without results of rows");
    }
    for (Slot& slot : slots_) {
      slot.pinned.reserve(input_bytes_);
      slot.rows.reserve(input_bytes_);
    }
  }

  /// Nothing runs on memory that is gone.
  ~CudaSteps() override {
    try {
      queue_.synchronize();
      copies_.synchronize();
    } catch (const Error&) {
      // Whoever uses the device next is told.
    }
  }

  std::size_t size() const override { return static_cast<std::size_t>(moves().free); }

  void put(std::span<const double> state) override {
    check_state(state.size());
    copy_to_device(state_address(), state.data(), state.size_bytes(), queue_);
    StepFacts facts;
    facts.moves = 0;
    copy_to_device(facts_address(), &facts, sizeof facts, queue_);
    enqueue(*compiled_, {{}, {}, rows_, 0, 0, true}, work_.data(), queue_, Part::move);
    queue_.synchronize();
  }
  void get(std::span<double> state) const override {
    check_state(state.size());
    copy_to_host(state.data(), state_address(), state.size_bytes(), queue_);
    queue_.synchronize();
  }

  void take(std::span<const std::span<const std::byte>> inputs) override {
    if (inputs.size() != inputs_.size() || taken_ >= finished_ + slots_.size()) {
      throw InternalError("[cuda] a step takes the rows of every input, two steps ahead at most");
    }
    Slot& slot = slots_[taken_ % slots_.size()];
    std::size_t at = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].size() != bytes_of(inputs_[i])) {
        throw InternalError("[cuda] rows of a step have another size");
      }
      std::memcpy(slot.pinned.data() + at, inputs[i].data(), inputs[i].size());
      at += aligned(inputs[i].size());
    }
    copy_to_device(slot.rows.data(), slot.pinned.data(), input_bytes_, copies_);
    slot.copied.record(copies_);
    ++taken_;
  }

  void start(const StepFacts& facts) override {
    if (started_ != finished_ || taken_ == started_) {
      throw InternalError("[cuda] a step is started on rows, once the one before is finished");
    }
    Slot& slot = slots_[started_ % slots_.size()];
    if (!slot.step) slot.step = captured(slot);
    std::memcpy(facts_.data(), &facts, sizeof facts);
    slot.copied.hold(queue_);
    slot.step.launch(queue_);
    ++started_;
  }

  StepFacts finish() override {
    await(*compiled_, rows_, inputs_.empty() ? 0 : inputs_[0].shape[1], queue_);
    finished_ = started_;
    StepFacts facts;
    std::memcpy(&facts, facts_.data(), sizeof facts);
    return facts;
  }

 private:
  static codegen::Signature signature_of(const ir::Graph& graph, const Device& device) {
    codegen::Signature signature;
    signature.watch = false;
    signature.shared_per_block = device.facts().shared_per_block;
    for (const ir::Node& node : graph.nodes()) {
      if (node.op != ir::OpKind::Input) continue;
      const std::int64_t bytes =
          node.as<ir::InputAttrs>().samples * static_cast<std::int64_t>(size_of(node.type.dtype));
      signature.inputs.push_back({node.type.dtype, true, false, bytes % codegen::kRowAlign == 0});
    }
    return signature;
  }
  static std::size_t bytes_of(const base::TensorView& view) {
    return static_cast<std::size_t>(view.count()) * size_of(view.dtype);
  }

  CapturedWork captured(const Slot& slot) const {
    std::vector<base::TensorView> inputs = inputs_;
    CUdeviceptr at = slot.rows.data();
    for (base::TensorView& view : inputs) {
      view.data = reinterpret_cast<void*>(at);
      at += aligned(bytes_of(view));
    }
    return CapturedWork(queue_, [&] {
      copy_to_device(facts_address(), facts_.data(), sizeof(StepFacts), queue_);
      enqueue(*compiled_, {inputs, {}, rows_, 0, 0, true}, work_.data(), queue_);
      copy_to_host(facts_.data(), facts_address(), sizeof(StepFacts), queue_);
    });
  }

  const codegen::Moves& moves() const { return *compiled_->program.moves; }
  CUdeviceptr stored(int index) const {
    return work_.data() + layout_.stored[static_cast<std::size_t>(index)];
  }
  CUdeviceptr state_address() const { return stored(moves().state); }
  CUdeviceptr facts_address() const { return stored(moves().facts); }
  void check_state(std::size_t count) const {
    if (count != 3 * size() || started_ != finished_) {
      throw InternalError("[cuda] the state is three vectors, asked for between two steps");
    }
  }

  std::int64_t rows_;
  std::shared_ptr<const Compiled> compiled_;
  WorkLayout layout_;
  DeviceBuffer work_;
  PinnedBuffer facts_;
  Stream queue_, copies_;
  std::vector<base::TensorView> inputs_;
  std::size_t input_bytes_ = 0;
  std::array<Slot, 2> slots_;
  std::size_t taken_ = 0, started_ = 0, finished_ = 0;  ///< steps
};

}  // namespace

std::unique_ptr<Steps> make_steps(const ir::Graph& graph, const Descent& descent,
                                  const Device& device, std::int64_t rows) {
  return std::make_unique<CudaSteps>(graph, descent, device, rows);
}

}  // namespace papilio::runtime::cuda
